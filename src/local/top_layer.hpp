#pragma once

#include "local/shared.hpp"

namespace kiln::local {

/// The layer that writes of a volume will go to: the present one, or a new one on top of it.
struct Top {
    ports::Layer layer;
    bool fresh = false;
};

/// The caller has the volume's lock. A new layer is described here, not made.
/// @throws Error  corrupt: the volume stands on a layer that the catalog does not have
[[nodiscard]] Top choose_top(
    const Shared& shared, const ports::VolumeRecord& record, bool read_only
);

/// Makes the layer's file if it is new, and says in the catalog that the volume is in use. The
/// caller has a new layer in the ledger.
void record_top(Shared& shared, const VolumeId& volume, const Top& top);

}  // namespace kiln::local
