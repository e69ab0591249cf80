#include "local/flatten.hpp"

#include "base/error.hpp"
#include "base/fault.hpp"
#include "local/local_cloud.hpp"
#include "os/spawn.hpp"

#include <algorithm>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::local {

namespace {

constexpr auto kFlattenTime = std::chrono::hours{2};

using LayerMap = std::map<LayerId, ports::Layer>;

/// Layers from `id` down to the bottom, or to one that was flattened onto it.
std::size_t depth_with(
    const LayerMap& layers, const std::set<LayerId>& flattened, const LayerId& id
) {
    std::size_t depth = 0;
    for (std::optional<LayerId> at = id; at; ++depth) {
        if (flattened.contains(*at)) {
            return depth + 2;
        }
        const auto found = layers.find(*at);
        at = found == layers.end() ? std::nullopt : found->second.backing;
    }
    return depth;
}

void copy_sparsely(
    const std::filesystem::path& from, const std::filesystem::path& to, const std::stop_token& stop
) {
    (void)os::run_checked(
        {.argv = {"cp", "--sparse=always", "--reflink=auto", "--", from.string(), to.string()}},
        Deadline::after(kFlattenTime),
        stop
    );
    if (::chmod(to.c_str(), 0600) != 0) {
        throw_errno("make '" + to.string() + "' writable");
    }
}

}  // namespace

std::vector<LayerId> choose_layers_to_flatten(
    const std::vector<ports::Layer>& layers, const std::set<LayerId>& wanted, std::size_t max_depth
) {
    LayerMap by_id;
    std::vector<const ports::Layer*> candidates;
    for (const auto& layer : layers) {
        by_id.emplace(layer.id, layer);
        if (layer.frozen && layer.depth > 2 && wanted.contains(layer.id)) {
            candidates.push_back(&layer);
        }
    }
    std::ranges::sort(candidates, {}, &ports::Layer::depth);
    std::vector<LayerId> chosen;
    std::set<LayerId> flattened;
    for (const auto* layer : candidates) {
        if (depth_with(by_id, flattened, layer->id) > max_depth) {
            chosen.push_back(layer->id);
            flattened.insert(layer->id);
        }
    }
    return chosen;
}

std::vector<LayerId> LocalCloud::layers_to_flatten(std::size_t max_depth) {
    std::set<LayerId> wanted;
    for (const auto& image : shared_.catalog.images({})) {
        if (const auto root = shared_.catalog.snapshot(image.root_snapshot)) {
            wanted.insert(root->layer);
        }
    }
    return choose_layers_to_flatten(shared_.catalog.layers(), wanted, max_depth);
}

void LocalCloud::flatten(const JobId& job, const LayerId& id, const std::stop_token& stop) {
    const auto chain = shared_.catalog.chain(id);
    if (chain.empty()) {
        throw Error{ErrorKind::not_found, "layer " + id.str() + " does not exist"};
    }
    if (!chain.front().frozen) {
        throw Error{ErrorKind::conflict, "layer " + id.str() + " is being written to"};
    }
    if (chain.size() <= 2) {
        return;
    }
    shared_.refuse_when_full();
    const LayerId base = chain.back().id;
    const LayerId fresh = LayerId::random();
    const std::vector<ports::Resource> resources{{ports::ResourceKind::layer, fresh.str()}};
    shared_.ledger.intend(job, resources);
    const auto present = shared_.files.path(id), rewritten = shared_.files.path(fresh);
    try {
        // Not `qemu-img convert -B`: it takes whatever the top layer does not hold from the new
        // base.
        copy_sparsely(present, rewritten, stop);
        (void)os::run_checked(
            {.argv =
                 {"qemu-img",
                  "rebase",
                  "-f",
                  "qcow2",
                  "-F",
                  "qcow2",
                  "-b",
                  LayerFiles::name(base),
                  rewritten.string()}},
            Deadline::after(kFlattenTime),
            stop
        );
        (void)os::run_checked(
            {.argv =
                 {"qemu-img",
                  "compare",
                  "-f",
                  "qcow2",
                  "-F",
                  "qcow2",
                  "-U",
                  present.string(),
                  rewritten.string()}},
            Deadline::after(kFlattenTime),
            stop
        );
        fault_point("local:flattened");
        shared_.files.replace(id, fresh);
    } catch (const Error&) {
        shared_.files.remove(fresh);
        shared_.ledger.release(job, resources);
        throw;
    }
    // From here on a crash leaves a row that names the old backing layer, which still exists and
    // which reconcile() corrects from the file's header.
    fault_point("local:layer-replaced");
    shared_.catalog.rebase_layer(id, base);
    shared_.ledger.release(job, resources);
    (void)shared_.collect_unused();
}

}  // namespace kiln::local
