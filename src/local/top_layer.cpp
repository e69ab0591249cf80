#include "local/top_layer.hpp"

#include "base/error.hpp"
#include "base/fault.hpp"

namespace kiln::local {

Top choose_top(const Shared& shared, const ports::VolumeRecord& record, bool read_only) {
    const Bytes size = record.volume.size;
    if (!record.layer) {
        return {shared.new_layer(std::nullopt, size), true};
    }
    const auto present = shared.catalog.layer(*record.layer);
    if (!present) {
        throw Error{
            ErrorKind::corrupt,
            "volume " + record.volume.id.str() + " stands on layer " + record.layer->str() +
                ", which the catalog does not have"};
    }
    const bool larger = present->virtual_size < size;
    if (larger || (present->frozen && !read_only)) {
        return {shared.new_layer(present, size), true};
    }
    return {*present, false};
}

void record_top(Shared& shared, const VolumeId& volume, const Top& top) {
    if (!top.fresh) {
        shared.catalog.update_volume(volume, ports::VolumeState::in_use);
        return;
    }
    shared.files.make(top.layer.id, top.layer.virtual_size, top.layer.backing);
    try {
        fault_point("local:layer-made");
        shared.catalog.update_volume(volume, ports::VolumeState::in_use, top.layer);
    } catch (const Error&) {
        shared.files.remove(top.layer.id);
        throw;
    }
}

}  // namespace kiln::local
