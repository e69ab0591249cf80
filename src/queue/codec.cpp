#include "queue/codec.hpp"

#include "base/json.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

std::int64_t micros(TimePoint time) {
    return time.time_since_epoch().count();
}

TimePoint time_of(const json::value& value) {
    return TimePoint{Duration{value.to_number<std::int64_t>()}};
}

std::chrono::seconds seconds(const json::value& value) {
    return std::chrono::seconds{value.to_number<std::int64_t>()};
}

template <class T, class Read>
std::optional<T> optional_of(const json::object& object, std::string_view key, Read&& read) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? std::nullopt : std::optional<T>{read(*value)};
}

std::string text_of(const json::value& value) {
    return std::string{std::string_view{value.as_string()}};
}

std::optional<std::string> optional_text(const json::object& object, std::string_view key) {
    return optional_of<std::string>(object, key, text_of);
}

void put_optional(json::object& object, std::string_view key, const auto& value) {
    if (value) {
        object[key] = *value;
    }
}

constexpr std::array<std::string_view, 3> kPermissions{"allow_all", "deny_all", "by_queue"};
constexpr std::array<std::string_view, 5> kMoveStates{
    "running", "completed", "cancelling", "cancelled", "failed"};

template <class Enum, std::size_t N>
Enum word_of(const std::array<std::string_view, N>& words, std::string_view word) {
    for (std::size_t i = 0; i < N; ++i) {
        if (words[i] == word) {
            return static_cast<Enum>(i);
        }
    }
    throw Error{ErrorKind::corrupt, fmt::format("'{}' is no word that belongs here", word)};
}

json::object write_fifo(const FifoSettings& fifo) {
    return {
        {"content_deduplication", fifo.content_deduplication},
        {"scope_group", fifo.scope == DeduplicationScope::message_group},
        {"limit_group", fifo.limit == ThroughputLimit::per_message_group_id},
        {"made_with_group", fifo.made_with == DeduplicationScope::message_group},
    };
}

FifoSettings read_fifo(const json::value& value) {
    const auto scope = [&](std::string_view key) {
        return value.at(key).as_bool() ? DeduplicationScope::message_group
                                       : DeduplicationScope::queue;
    };
    return {
        .content_deduplication = value.at("content_deduplication").as_bool(),
        .scope = scope("scope_group"),
        .limit = value.at("limit_group").as_bool() ? ThroughputLimit::per_message_group_id
                                                   : ThroughputLimit::per_queue,
        .made_with = scope("made_with_group"),
    };
}

json::object write_allow(const RedriveAllowPolicy& allow) {
    return {
        {"permission", kPermissions.at(static_cast<std::size_t>(allow.permission))},
        {"sources", json::array(allow.sources.begin(), allow.sources.end())},
    };
}

RedriveAllowPolicy read_allow(const json::value& value) {
    RedriveAllowPolicy allow;
    allow.permission = word_of<RedriveAllowPolicy::Permission>(
        kPermissions, std::string_view{value.at("permission").as_string()}
    );
    for (const auto& source : value.at("sources").as_array()) {
        allow.sources.push_back(text_of(source));
    }
    return allow;
}

RedrivePolicy read_redrive(const json::value& value) {
    return {text_of(value.at("queue")), value.at("max_receives").to_number<std::int64_t>()};
}

QueueDefinition definition_of(const json::object& object) {
    QueueDefinition definition;
    definition.name = text_of(object.at("name"));
    definition.delay = seconds(object.at("delay"));
    definition.maximum_message_bytes = object.at("maximum_message_bytes").to_number<std::int64_t>();
    definition.retention = seconds(object.at("retention"));
    definition.receive_wait = seconds(object.at("receive_wait"));
    definition.visibility = seconds(object.at("visibility"));
    definition.policy = optional_text(object, "policy");
    definition.redrive = optional_of<RedrivePolicy>(object, "redrive", read_redrive);
    definition.redrive_allow = optional_of<RedriveAllowPolicy>(object, "redrive_allow", read_allow);
    definition.fifo = optional_of<FifoSettings>(object, "fifo", read_fifo);
    definition.kms_key = optional_text(object, "kms_key");
    definition.kms_reuse = optional_of<std::chrono::seconds>(object, "kms_reuse", seconds);
    definition.sqs_managed_sse = object.at("sqs_managed_sse").as_bool();
    for (const auto& [key, value] : object.at("tags").as_object()) {
        definition.tags.emplace(key, text_of(value));
    }
    definition.created = time_of(object.at("created_us"));
    definition.modified = time_of(object.at("modified_us"));
    return definition;
}

MoveTask task_of(const json::object& object) {
    MoveTask task;
    task.id = text_of(object.at("id"));
    task.source = text_of(object.at("source"));
    task.destination = optional_text(object, "destination");
    task.per_second = optional_of<std::int64_t>(object, "per_second", [](const auto& value) {
        return value.template to_number<std::int64_t>();
    });
    task.state = word_of<MoveState>(kMoveStates, std::string_view{object.at("state").as_string()});
    task.moved = object.at("moved").to_number<std::int64_t>();
    task.to_move = object.at("to_move").to_number<std::int64_t>();
    task.started = time_of(object.at("started_us"));
    task.failure = optional_text(object, "failure");
    return task;
}

template <class Read>
auto read_or_corrupt(std::string_view text, std::string_view what, Read&& read) {
    try {
        return read(json::parse(text).as_object());
    } catch (const std::exception& error) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("the store's {} cannot be read: {}", what, error.what())};
    }
}

}  // namespace

std::string_view to_string(MoveState state) noexcept {
    return kMoveStates[static_cast<std::size_t>(state)];
}

std::string write_definition(const QueueDefinition& definition) {
    json::object tags;
    for (const auto& [key, value] : definition.tags) {
        tags[key] = value;
    }
    json::object object{
        {"name", definition.name},
        {"delay", definition.delay.count()},
        {"maximum_message_bytes", definition.maximum_message_bytes},
        {"retention", definition.retention.count()},
        {"receive_wait", definition.receive_wait.count()},
        {"visibility", definition.visibility.count()},
        {"sqs_managed_sse", definition.sqs_managed_sse},
        {"tags", std::move(tags)},
        {"created_us", micros(definition.created)},
        {"modified_us", micros(definition.modified)},
    };
    put_optional(object, "policy", definition.policy);
    put_optional(object, "kms_key", definition.kms_key);
    if (definition.kms_reuse) {
        object["kms_reuse"] = definition.kms_reuse->count();
    }
    if (definition.redrive) {
        object["redrive"] = {
            {"queue", definition.redrive->dead_letter_queue},
            {"max_receives", definition.redrive->max_receives}};
    }
    if (definition.redrive_allow) {
        object["redrive_allow"] = write_allow(*definition.redrive_allow);
    }
    if (definition.fifo) {
        object["fifo"] = write_fifo(*definition.fifo);
    }
    return json::serialize(object);
}

QueueDefinition read_definition(std::string_view text) {
    return read_or_corrupt(text, "definition of a queue", definition_of);
}

std::string write_move_task(const MoveTask& task) {
    json::object object{
        {"id", task.id},
        {"source", task.source},
        {"state", to_string(task.state)},
        {"moved", task.moved},
        {"to_move", task.to_move},
        {"started_us", micros(task.started)},
    };
    put_optional(object, "destination", task.destination);
    put_optional(object, "per_second", task.per_second);
    put_optional(object, "failure", task.failure);
    return json::serialize(object);
}

MoveTask read_move_task(std::string_view text) {
    return read_or_corrupt(text, "message move task", task_of);
}

}  // namespace kiln::queue
