#pragma once

#include "cli/services.hpp"

/// Every verb of the program, one file each under verbs/.
namespace kiln::cli {

/// All of them, in the order of the help. Built once.
[[nodiscard]] const Grammar& grammar();

namespace verbs {

Verb bake();
Verb bake_list();
Verb bake_show();
Verb bake_logs();
Verb bake_cancel();
Verb bake_retry();
Verb bake_shell();
Verb bake_verify();
Verb bake_submit();
Verb serve();
Verb worker();
Verb credentials();
Verb queue_list();
Verb queue_show();
Verb queue_create();
Verb queue_rm();
Verb queue_send();
Verb queue_receive();
Verb queue_purge();
Verb queue_redrive();
Verb job_push();
Verb job_work();
Verb machine_create();
Verb machine_update();
Verb machine_list();
Verb machine_show();
Verb machine_validate();
Verb machine_render();
Verb machine_delete();
Verb execution_start();
Verb execution_list();
Verb execution_show();
Verb execution_history();
Verb execution_watch();
Verb execution_stop();
Verb execution_redrive();
Verb activity_create();
Verb activity_list();
Verb activity_delete();
Verb task_take();
Verb task_succeed();
Verb task_fail();
Verb task_heartbeat();
Verb eval();
Verb release();
Verb release_run();
Verb release_check();
Verb release_preview();
Verb release_deploy();
Verb release_status();
Verb release_list();
Verb release_retry();
Verb release_stop();
Verb notify_test();
Verb notify_list();
Verb instance_build_submit();
Verb instance_build_show();
Verb instance_build_list();
Verb instance_build_finish();
Verb image_import();
Verb image_list();
Verb image_show();
Verb image_tag();
Verb image_untag();
Verb image_rename();
Verb image_share();
Verb image_rm();
Verb image_activate();
Verb image_export();
Verb image_diff();
Verb image_lineage();
Verb image_rebuild();
Verb image_sbom();
Verb image_provenance();
Verb volume_list();
Verb volume_show();
Verb volume_create();
Verb volume_rm();
Verb snapshot_list();
Verb snapshot_show();
Verb snapshot_create();
Verb snapshot_rm();
Verb cache_show();
Verb cache_fill();
Verb cache_clear();
Verb instance_launch();
Verb instance_list();
Verb instance_show();
Verb instance_terminate();
Verb instance_stop();
Verb instance_start();
Verb instance_reboot();
Verb instance_console();
Verb instance_exec();
Verb instance_ssh();
Verb keep();
Verb key_import();
Verb key_list();
Verb key_rm();
Verb security_group_create();
Verb security_group_list();
Verb security_group_rm();
Verb gc();
Verb doctor();
Verb config_show();
Verb config_list();
Verb config_reference();
Verb completion();

}  // namespace verbs
}  // namespace kiln::cli
