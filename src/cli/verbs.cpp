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
             {"queue", "Queues"},
             {"job", "Jobs"},
             {"machine", "State machines"},
             {"execution", "Executions of state machines"},
             {"activity", "Activities, whose tasks workers take"},
             {"task", "Tasks of activities"},
             {"eval", "Expressions"},
             {"image", "Images"},
             {"volume", "Volumes"},
             {"snapshot", "Snapshots"},
             {"cache", "Volumes that stand ready"},
             {"notify", "Notifications"},
             {"gc", "Upkeep"},
             {"doctor", "This host"},
             {"config", "Settings"},
             {"completion", "Shell"}},
        .verbs =
            {
                verbs::bake(),     bake_list(),        bake_show(),         bake_logs(),
                bake_cancel(),     bake_retry(),       bake_shell(),        bake_verify(),
                bake_submit(),     verbs::serve(),     verbs::worker(),     verbs::credentials(),
                image_import(),    image_list(),       image_show(),        image_tag(),
                image_untag(),     image_rename(),     image_share(),       image_rm(),
                image_export(),    image_diff(),       image_lineage(),     image_rebuild(),
                image_sbom(),      image_provenance(), volume_list(),       volume_show(),
                volume_create(),   volume_rm(),        snapshot_list(),     snapshot_show(),
                snapshot_create(), snapshot_rm(),      cache_show(),        cache_fill(),
                cache_clear(),     verbs::gc(),        verbs::doctor(),     config_show(),
                config_list(),     config_reference(), completion(),        queue_list(),
                queue_show(),      queue_create(),     queue_rm(),          queue_send(),
                queue_receive(),   queue_purge(),      queue_redrive(),     job_push(),
                job_work(),        machine_create(),   machine_update(),    machine_list(),
                machine_show(),    machine_validate(), machine_render(),    machine_delete(),
                execution_start(), execution_list(),   execution_show(),    execution_history(),
                execution_watch(), execution_stop(),   execution_redrive(), activity_create(),
                activity_list(),   activity_delete(),  task_take(),         task_succeed(),
                task_fail(),       task_heartbeat(),   verbs::eval(),       notify_test(),
                notify_list(),
            },
    };
    return instance;
}

}  // namespace kiln::cli
