#include "cli/verbs.hpp"

namespace kiln::cli {

const Grammar& grammar() {
    using namespace verbs;
    static const Grammar instance{
        .groups =
            {{"bake", "Bakes"},
             {"serve", "Service"},
             {"worker", "Workers"},
             {"credentials", "Access"},
             {"image", "Images"},
             {"volume", "Volumes"},
             {"snapshot", "Snapshots"},
             {"cache", "Volumes that stand ready"},
             {"gc", "Upkeep"},
             {"doctor", "This host"},
             {"config", "Settings"},
             {"completion", "Shell"}},
        .verbs =
            {
                verbs::bake(),     bake_list(),        bake_show(),     bake_logs(),
                bake_cancel(),     bake_retry(),       bake_shell(),    bake_verify(),
                bake_submit(),     verbs::serve(),     verbs::worker(), verbs::credentials(),
                image_import(),    image_list(),       image_show(),    image_tag(),
                image_untag(),     image_rename(),     image_share(),   image_rm(),
                image_export(),    image_diff(),       image_lineage(), image_rebuild(),
                image_sbom(),      image_provenance(), volume_list(),   volume_show(),
                volume_create(),   volume_rm(),        snapshot_list(), snapshot_show(),
                snapshot_create(), snapshot_rm(),      cache_show(),    cache_fill(),
                cache_clear(),     verbs::gc(),        verbs::doctor(), config_show(),
                config_list(),     config_reference(), completion(),
            },
    };
    return instance;
}

}  // namespace kiln::cli
