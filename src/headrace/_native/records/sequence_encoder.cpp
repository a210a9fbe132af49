#include "records/sequence_encoder.hpp"

namespace headrace {

namespace {

// Writes the feature lists of one row at a time.
class FeatureListsWriter {
public:
    explicit FeatureListsWriter(const std::vector<FeatureListView>& lists) : lists_(lists), rows_(lists.size()) {}

    // Returns the length of the row's FeatureLists message.
    uint64_t measure_row(int64_t row) {
        length_ = 0;
        steps_.clear();
        for (size_t i = 0; i < lists_.size(); ++i) {
            rows_[i] = measure_list(lists_[i], row);
            if (rows_[i].present) length_ += entry_size(lists_[i].steps.name, rows_[i].length);
        }
        return length_;
    }

    // Writes the last measured row as field 2, or returns null.
    uint8_t* write(uint8_t* to) const {
        to = write_field_header(to, kSecondField, length_);
        for (size_t i = 0; to && i < lists_.size(); ++i)
            if (rows_[i].present) to = write_list(write_entry_header(to, lists_[i].steps.name, rows_[i].length), i);
        return to;
    }

private:
    // One list of the row: the range of its steps in `steps_`, and the length of its FeatureList.
    struct Row {
        bool present = false;
        size_t begin = 0;
        size_t end = 0;
        uint64_t length = 0;
    };

    Row measure_list(const FeatureListView& list, int64_t row) {
        Row measured{.present = !list.present || list.present[row], .begin = steps_.size()};
        if (measured.present) {
            for (int64_t step = list.row_splits[row]; step < list.row_splits[row + 1]; ++step) {
                steps_.push_back(measure(list.steps, step));
                measured.length += field_size(steps_.back().feature);
            }
        }
        measured.end = steps_.size();
        return measured;
    }

    uint8_t* write_list(uint8_t* to, size_t list) const {
        for (size_t i = rows_[list].begin; to && i < rows_[list].end; ++i) {
            to = write_field_header(to, kFirstField, steps_[i].feature);
            to = write_feature(to, lists_[list].steps, steps_[i]);
        }
        return to;
    }

    const std::vector<FeatureListView>& lists_;
    std::vector<Row> rows_;
    std::vector<Measured> steps_;
    uint64_t length_ = 0;
};

}  // namespace

EncodingResult encode_sequence_examples(const std::vector<ColumnView>& context, const std::vector<FeatureListView>& lists,
                                 int64_t first, int64_t rows, int64_t step, FramedRecords& framed) {
    FeaturesWriter features(context);
    FeatureListsWriter feature_lists(lists);
    for (int64_t row = first; row < rows; row += step) {
        const uint64_t length = field_size(features.measure_row(row)) + field_size(feature_lists.measure_row(row));
        if (length > kMaxMessage) return {RowFault::kTooLarge, row};
        uint8_t* frame = framed.frames.extend(kHeaderSize + length + kFooterSize);
        uint8_t* const end = features.write(frame + kHeaderSize);
        if (!end || !feature_lists.write(end)) return {RowFault::kNotUtf8, row};
        finish_frame(frame, length);
        framed.checksums.append(frame + kHeaderSize + length, kFooterSize);
    }
    return {};
}

}  // namespace headrace
