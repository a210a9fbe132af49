#include "columns/export_array.hpp"

#include <memory>
#include <utility>

namespace headrace {

namespace {

struct Owner {
    GatheredColumn column;
    std::vector<const void*> buffers;
    std::vector<ArrowArray> children;
    std::vector<ArrowArray*> child_addresses;
};

void release(ArrowArray* array) {
    const std::unique_ptr<Owner> owner(static_cast<Owner*>(array->private_data));
    // The consumer may have moved a child, or have released it.
    for (ArrowArray& child : owner->children)
        if (child.release) child.release(&child);
    array->release = nullptr;
}

}  // namespace

void export_array(GatheredColumn&& column, ArrowArray& out) {
    static const uint8_t kEmpty[64] = {};  // Arrow wants an address even for a buffer without bytes
    auto owner = std::make_unique<Owner>();
    owner->column = std::move(column);
    std::vector<Buffer<uint8_t>>& buffers = owner->column.buffers;
    for (size_t i = 0; i < buffers.size(); ++i)
        owner->buffers.push_back(buffers[i].size() || i == 0 ? buffers[i].data() : kEmpty);
    std::vector<GatheredColumn>& children = owner->column.children;
    owner->children.resize(children.size());
    owner->child_addresses.reserve(children.size());
    out = {};
    out.length = owner->column.rows;
    out.null_count = owner->column.nulls;
    out.n_buffers = static_cast<int64_t>(buffers.size());
    out.n_children = static_cast<int64_t>(children.size());
    out.buffers = owner->buffers.data();
    for (size_t i = 0; i < children.size(); ++i) {
        export_array(std::move(children[i]), owner->children[i]);
        owner->child_addresses.push_back(&owner->children[i]);
    }
    out.children = owner->child_addresses.data();
    out.release = release;
    out.private_data = owner.release();
}

}  // namespace headrace
