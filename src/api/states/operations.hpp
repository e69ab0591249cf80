#pragma once

#include "api/states/context.hpp"

/// The operations: each takes an input that the model has nothing against, asks the registry or
/// the engine, and answers now or in their callback. None waits but for reads of the store.
namespace kiln::api::states {

// operations/machines.cpp
void create_state_machine(const Context& context, const Input& input, ReplyPtr reply);
void update_state_machine(const Context& context, const Input& input, ReplyPtr reply);
void delete_state_machine(const Context& context, const Input& input, ReplyPtr reply);
void list_state_machines(const Context& context, const Input& input, ReplyPtr reply);

// operations/describe_machines.cpp
void describe_state_machine(const Context& context, const Input& input, ReplyPtr reply);
void describe_state_machine_for_execution(
    const Context& context, const Input& input, ReplyPtr reply
);
void validate_state_machine_definition(const Context& context, const Input& input, ReplyPtr reply);

// operations/versions.cpp
void publish_state_machine_version(const Context& context, const Input& input, ReplyPtr reply);
void delete_state_machine_version(const Context& context, const Input& input, ReplyPtr reply);
void list_state_machine_versions(const Context& context, const Input& input, ReplyPtr reply);
void create_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply);
void update_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply);
void describe_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply);
void delete_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply);
void list_state_machine_aliases(const Context& context, const Input& input, ReplyPtr reply);

// operations/activities.cpp
void create_activity(const Context& context, const Input& input, ReplyPtr reply);
void describe_activity(const Context& context, const Input& input, ReplyPtr reply);
void delete_activity(const Context& context, const Input& input, ReplyPtr reply);
void list_activities(const Context& context, const Input& input, ReplyPtr reply);
void tag_resource(const Context& context, const Input& input, ReplyPtr reply);
void untag_resource(const Context& context, const Input& input, ReplyPtr reply);
void list_tags_for_resource(const Context& context, const Input& input, ReplyPtr reply);

// operations/tasks.cpp
void get_activity_task(const Context& context, const Input& input, ReplyPtr reply);
void send_task_success(const Context& context, const Input& input, ReplyPtr reply);
void send_task_failure(const Context& context, const Input& input, ReplyPtr reply);
void send_task_heartbeat(const Context& context, const Input& input, ReplyPtr reply);

// operations/test_state.cpp
void test_state(const Context& context, const Input& input, ReplyPtr reply);

// operations/start.cpp
void start_execution(const Context& context, const Input& input, ReplyPtr reply);
void start_sync_execution(const Context& context, const Input& input, ReplyPtr reply);

// operations/executions.cpp
void stop_execution(const Context& context, const Input& input, ReplyPtr reply);
void redrive_execution(const Context& context, const Input& input, ReplyPtr reply);
void describe_execution(const Context& context, const Input& input, ReplyPtr reply);
void list_executions(const Context& context, const Input& input, ReplyPtr reply);
void get_execution_history(const Context& context, const Input& input, ReplyPtr reply);

// operations/map_runs.cpp
void describe_map_run(const Context& context, const Input& input, ReplyPtr reply);
void list_map_runs(const Context& context, const Input& input, ReplyPtr reply);
void update_map_run(const Context& context, const Input& input, ReplyPtr reply);

}  // namespace kiln::api::states
