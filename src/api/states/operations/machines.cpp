// State machines as such: what changes them, and their list.

#include "api/states/operations.hpp"

namespace kiln::api::states {

namespace {

machines::MachineType type_of(const Input& input) {
    return input.maybe_text("type") == "EXPRESS" ? machines::MachineType::express
                                                 : machines::MachineType::standard;
}

json::object show_item(const machines::MachinePtr& machine) {
    return {
        {"stateMachineArn", machine->arn},
        {"name", machine->name},
        {"type", to_string(machine->type)},
        {"creationDate", epoch_seconds(machine->created)}};
}

}  // namespace

void create_state_machine(const Context& context, const Input& input, ReplyPtr reply) {
    auto tags = tags_of(input, *reply);
    if (!tags) {
        return;
    }
    machines::CreateMachine command;
    command.name = input.text("name");
    command.definition = input.text("definition");
    command.role = input.text("roleArn");
    command.type = type_of(input);
    command.logging = input.object("loggingConfiguration");
    command.tracing = input.object("tracingConfiguration");
    command.encryption = input.object("encryptionConfiguration");
    command.tags = *std::move(tags);
    command.publish = input.flag("publish", false);
    command.version_description = input.maybe_text("versionDescription");
    context.registry.create_machine(
        std::move(command),
        answer<machines::CreatedMachine>(
            std::move(reply),
            [](const machines::CreatedMachine& made) {
                json::object answer{
                    {"stateMachineArn", made.arn}, {"creationDate", epoch_seconds(made.created)}};
                if (!made.version_arn.empty()) {
                    answer["stateMachineVersionArn"] = made.version_arn;
                }
                return answer;
            }
        )
    );
}

void update_state_machine(const Context& context, const Input& input, ReplyPtr reply) {
    machines::UpdateMachine command;
    command.arn = input.text("stateMachineArn");
    command.definition = input.maybe_text("definition");
    command.role = input.maybe_text("roleArn");
    command.logging = input.object("loggingConfiguration");
    command.tracing = input.object("tracingConfiguration");
    command.encryption = input.object("encryptionConfiguration");
    command.publish = input.flag("publish", false);
    command.version_description = input.maybe_text("versionDescription");
    context.registry.update_machine(
        std::move(command),
        answer<machines::UpdatedMachine>(
            std::move(reply),
            [](const machines::UpdatedMachine& made) {
                json::object answer{{"updateDate", epoch_seconds(made.updated)}};
                if (!made.revision_id.empty()) {
                    answer["revisionId"] = made.revision_id;
                }
                if (!made.version_arn.empty()) {
                    answer["stateMachineVersionArn"] = made.version_arn;
                }
                return answer;
            }
        )
    );
}

void delete_state_machine(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = input.text("stateMachineArn");
    context.registry.delete_machine(
        arn,
        [context, arn, reply = std::move(reply)](const asl::Result<asl::Done>& result) {
            if (admitted(result, *reply) != nullptr) {
                context.engine.machine_deleted(arn);
                reply->succeed({});
            }
        }
    );
}

void list_state_machines(const Context& context, const Input& input, ReplyPtr reply) {
    const auto page = page_of(context, input, *reply);
    if (!page) {
        return;
    }
    answer_page(
        context,
        *page,
        "stateMachines",
        context.registry.machines(page->after, page->size + 1),
        show_item,
        [](const machines::MachinePtr& machine) { return machine->name; },
        *reply
    );
}

}  // namespace kiln::api::states
