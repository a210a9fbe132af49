#include <nanobind/nanobind.h>

#include "augment/colour.hpp"
#include "bindings/bindings.hpp"
#include "files/read_files.hpp"
#include "images/resample.hpp"
#include "records/column_builder.hpp"
#include "records/framing.hpp"
#include "records/local_records.hpp"
#include "records/record_failure.hpp"
#include "files/selected_records.hpp"
#include "records/tensor_proto.hpp"
#include "text/csv_cells.hpp"
#include "text/csv_records.hpp"
#include "text/text.hpp"

namespace headrace {

namespace nb = nanobind;

namespace {

void bind_value_kind(nb::module_& m) {
    nb::enum_<ValueKind>(m, "ValueKind", nb::is_arithmetic())
        .value("NONE", kNoKind)
        .value("BYTES", kBytes)
        .value("FLOAT", kFloat)
        .value("INT64", kInt64);
}

void bind_layout(nb::module_& m) {
    nb::enum_<Layout>(m, "Layout", nb::is_arithmetic())
        .value("SCALAR", Layout::kScalar)
        .value("LIST", Layout::kList)
        .value("FIXED", Layout::kFixed)
        .value("RAW", Layout::kRaw);
}

void bind_record_fault(nb::module_& m) {
    nb::enum_<RecordFault>(m, "RecordFault", nb::is_arithmetic())
        .value("NONE", RecordFault::kNone)
        .value("MALFORMED", RecordFault::kMalformed)
        .value("MISSING", RecordFault::kMissing)
        .value("KIND", RecordFault::kKind)
        .value("COUNT", RecordFault::kCount)
        .value("SIZE", RecordFault::kSize)
        .value("RANGE", RecordFault::kRange)
        .value("UTF8", RecordFault::kUtf8)
        .value("OVERFLOW", RecordFault::kOverflow)
        .value("CHECKSUM", RecordFault::kChecksum);
}

void bind_frame_state(nb::module_& m) {
    nb::enum_<FrameState>(m, "FrameState", nb::is_arithmetic())
        .value("COMPLETE", FrameState::kComplete)
        .value("PARTIAL", FrameState::kPartial)
        .value("BAD_LENGTH_CHECKSUM", FrameState::kBadLengthChecksum)
        .value("BAD_DATA_CHECKSUM", FrameState::kBadDataChecksum);
}

void bind_local_state(nb::module_& m) {
    nb::enum_<LocalState>(m, "LocalState", nb::is_arithmetic())
        .value("MORE", LocalState::kMore)
        .value("END", LocalState::kEnd)
        .value("STUCK", LocalState::kStuck);
}

void bind_selected_state(nb::module_& m) {
    nb::enum_<SelectedState>(m, "SelectedState", nb::is_arithmetic())
        .value("READ", SelectedState::kRead)
        .value("UNREADABLE", SelectedState::kUnreadable)
        .value("TRUNCATED", SelectedState::kTruncated)
        .value("MOVED", SelectedState::kMoved);
}

void bind_file_fault(nb::module_& m) {
    nb::enum_<FileFault>(m, "FileFault", nb::is_arithmetic())
        .value("NONE", FileFault::kNone)
        .value("UNREADABLE", FileFault::kUnreadable)
        .value("TOO_LARGE", FileFault::kTooLarge)
        .value("OVERFLOW", FileFault::kOverflow);
}

void bind_byte_action(nb::module_& m) {
    nb::enum_<ByteAction>(m, "ByteAction", nb::is_arithmetic()).value("DROP", kDrop).value("CUT", kCut);
}

void bind_tensor_fault(nb::module_& m) {
    nb::enum_<TensorFault>(m, "TensorFault", nb::is_arithmetic())
        .value("NONE", TensorFault::kNone)
        .value("MALFORMED", TensorFault::kMalformed)
        .value("TYPE", TensorFault::kType)
        .value("UNKNOWN_RANK", TensorFault::kUnknownRank)
        .value("RANK", TensorFault::kRank)
        .value("DIMENSION", TensorFault::kDimension)
        .value("SIZE", TensorFault::kSize)
        .value("CONTENT", TensorFault::kContent)
        .value("STRINGS", TensorFault::kStrings)
        .value("BOOL", TensorFault::kBool)
        .value("FILL", TensorFault::kFill);
}

void bind_csv_fault(nb::module_& m) {
    nb::enum_<CsvFault>(m, "CsvFault", nb::is_arithmetic())
        .value("NONE", CsvFault::kNone)
        .value("FIELDS", CsvFault::kFields)
        .value("UNCLOSED", CsvFault::kUnclosed)
        .value("QUOTE", CsvFault::kQuote)
        .value("KIND", CsvFault::kKind)
        .value("UTF8", CsvFault::kUtf8);
}

void bind_cell_kind(nb::module_& m) {
    nb::enum_<CellKind>(m, "CellKind", nb::is_arithmetic())
        .value("MISSING", kMissingCell)
        .value("BOOLEAN", kBooleanCell)
        .value("EXACT_INTEGER", kExactInteger)
        .value("LONG_INTEGER", kLongInteger)
        .value("UNSIGNED_INTEGER", kUnsignedInteger)
        .value("NEGATIVE_INTEGER", kNegativeInteger)
        .value("PADDED_INTEGER", kPaddedInteger)
        .value("HUGE_INTEGER", kHugeInteger)
        .value("FLOAT", kFloatCell)
        .value("HUGE_FLOAT", kHugeFloat)
        .value("TEXT", kTextCell);
}

void bind_pixel_fill(nb::module_& m) {
    nb::enum_<PixelFill>(m, "PixelFill", nb::is_arithmetic())
        .value("EDGE", PixelFill::kEdge)
        .value("REFLECT", PixelFill::kReflect)
        .value("CONSTANT", PixelFill::kConstant);
}

void bind_colour_op(nb::module_& m) {
    nb::enum_<ColourOp>(m, "ColourOp", nb::is_arithmetic())
        .value("NONE", ColourOp::kNone)
        .value("CONTRAST", ColourOp::kContrast)
        .value("ADD", ColourOp::kAdd)
        .value("SCALE", ColourOp::kScale)
        .value("SATURATE", ColourOp::kSaturate)
        .value("HUE", ColourOp::kHue)
        .value("BLUR", ColourOp::kBlur)
        .value("SHARPEN", ColourOp::kSharpen)
        .value("POSTERIZE", ColourOp::kPosterize)
        .value("SOLARIZE", ColourOp::kSolarize)
        .value("AUTO_CONTRAST", ColourOp::kAutoContrast)
        .value("EQUALIZE", ColourOp::kEqualize)
        .value("CLIP", ColourOp::kClip);
}

void bind_resampling(nb::module_& m) {
    nb::enum_<Resampling>(m, "Resampling", nb::is_arithmetic())
        .value("NEAREST", Resampling::kNearest)
        .value("BILINEAR", Resampling::kBilinear)
        .value("ANTIALIASED", Resampling::kAntialiased);
}

void bind_pixel_step(nb::module_& m) {
    nb::enum_<PixelStep>(m, "PixelStep", nb::is_arithmetic())
        .value("ADD", PixelStep::kAdd)
        .value("SUBTRACT", PixelStep::kSubtract)
        .value("MULTIPLY", PixelStep::kMultiply)
        .value("DIVIDE", PixelStep::kDivide);
}

}  // namespace

void bind_enums(nb::module_& m) {
    bind_byte_action(m);
    bind_cell_kind(m);
    bind_csv_fault(m);
    bind_value_kind(m);
    bind_layout(m);
    bind_record_fault(m);
    bind_frame_state(m);
    bind_local_state(m);
    bind_selected_state(m);
    bind_file_fault(m);
    bind_pixel_step(m);
    bind_resampling(m);
    bind_tensor_fault(m);
    bind_pixel_fill(m);
    bind_colour_op(m);
}

}  // namespace headrace
