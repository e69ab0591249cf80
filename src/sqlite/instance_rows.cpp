#include "sqlite/instance_rows.hpp"

#include "base/error.hpp"
#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::InstanceRecord;

namespace {

json::value number_or_null(const std::optional<std::int64_t>& number) {
    return number ? json::value(*number) : json::value(nullptr);
}

json::value time_or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

std::optional<std::int64_t> read_number(const json::object& facts, std::string_view key) {
    const auto& value = facts.at(key);
    return value.is_null() ? std::nullopt : std::optional{value.to_number<std::int64_t>()};
}

std::optional<TimePoint> read_time(const json::object& facts, std::string_view key) {
    const auto number = read_number(facts, key);
    return number ? std::optional{TimePoint{Duration{*number}}} : std::nullopt;
}

std::string read_text(const json::object& facts, std::string_view key) {
    return std::string{facts.at(key).as_string()};
}

void read_public_part(const json::object& facts, ports::Instance& instance) {
    instance.type = read_text(facts, "type");
    instance.image = ImageId::trusted(read_text(facts, "image"));
    instance.zone = read_text(facts, "zone");
    instance.reason = read_text(facts, "reason");
    instance.public_ip = read_text(facts, "public_ip");
    instance.key_name = read_text(facts, "key_name");
    for (const auto& group : facts.at("groups").as_array()) {
        instance.security_groups.emplace_back(group.as_string());
    }
    if (const auto volume = read_text(facts, "root_volume"); !volume.empty()) {
        instance.root_volume = VolumeId::trusted(volume);
    }
    instance.shutdown = read_text(facts, "shutdown") == "stop"
                            ? ports::ShutdownBehaviour::stop
                            : ports::ShutdownBehaviour::terminate;
    instance.launched = read_time(facts, "launched_us").value_or(TimePoint{});
    instance.ended = read_time(facts, "ended_us");
    instance.deadline = read_time(facts, "deadline_us");
}

void read_keepers_part(const json::object& facts, InstanceRecord& record) {
    record.user_data = read_text(facts, "user_data");
    record.request = read_text(facts, "request");
    if (const auto bytes = read_number(facts, "volume_bytes")) {
        record.volume_size = Bytes{static_cast<std::uint64_t>(*bytes)};
    }
    if (const auto lifetime = read_number(facts, "lifetime_us")) {
        record.lifetime = Duration{*lifetime};
    }
    if (const auto keeper = read_text(facts, "keeper"); !keeper.empty()) {
        record.keeper = HolderId::trusted(keeper);
    }
    if (const auto job = read_text(facts, "job"); !job.empty()) {
        record.job = JobId::trusted(job);
    }
    record.wish = ports::wish(read_text(facts, "wish"));
    record.force = facts.at("force").as_bool() ? ports::Force::yes : ports::Force::no;
    record.starts = facts.at("starts").to_number<std::int64_t>();
    record.first_process = facts.at("first_process").to_number<int>();
    for (const auto& forward : facts.at("forwards").as_array()) {
        const auto& pair = forward.as_array();
        record.forwards.emplace_back(
            pair.at(0).to_number<std::uint16_t>(), std::string{pair.at(1).as_string()}
        );
    }
}

}  // namespace

std::string instance_facts(const InstanceRecord& record) {
    const auto& instance = record.instance;
    json::array forwards;
    for (const auto& [port, address] : record.forwards) {
        forwards.push_back(json::array{port, address});
    }
    const json::object facts{
        {"type", instance.type},
        {"image", instance.image.str()},
        {"zone", instance.zone},
        {"reason", instance.reason},
        {"public_ip", instance.public_ip},
        {"key_name", instance.key_name},
        {"groups", json::array(instance.security_groups.begin(), instance.security_groups.end())},
        {"root_volume", instance.root_volume.str()},
        {"shutdown", instance.shutdown == ports::ShutdownBehaviour::stop ? "stop" : "terminate"},
        {"launched_us", time_or_null(instance.launched)},
        {"ended_us", time_or_null(instance.ended)},
        {"deadline_us", time_or_null(instance.deadline)},
        {"user_data", record.user_data},
        {"request", record.request},
        {"volume_bytes",
         number_or_null(
             record.volume_size
                 ? std::optional{static_cast<std::int64_t>(record.volume_size->count)}
                 : std::nullopt
         )},
        {"lifetime_us",
         number_or_null(record.lifetime ? std::optional{record.lifetime->count()} : std::nullopt)},
        {"keeper", record.keeper ? record.keeper->str() : ""},
        {"job", record.job ? record.job->str() : ""},
        {"wish", ports::to_string(record.wish)},
        {"force", record.force == ports::Force::yes},
        {"starts", record.starts},
        {"first_process", record.first_process},
        {"forwards", std::move(forwards)},
    };
    return json::serialize(facts);
}

ports::InstanceRecord read_instance(const Statement& row) {
    InstanceRecord record;
    record.instance.id = row.get<InstanceId>(0);
    record.place = row.get<std::int64_t>(1);
    record.revision = row.get<std::int64_t>(2);
    record.instance.state = ports::instance_state(row.text(3));
    record.instance.client_token = row.get<std::string>(4);
    record.instance.private_ip = row.get<std::string>(5);
    try {
        const auto value = row.get<json::value>(6);
        const auto& facts = value.as_object();
        read_public_part(facts, record.instance);
        read_keepers_part(facts, record);
    } catch (const std::exception& error) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("instance {}: {}", record.instance.id.str(), error.what())};
    }
    return record;
}

void insert_instance(Database& database, const InstanceRecord& record) {
    database.run(
        "INSERT INTO instances (id, place, revision, state, client_token, private_ip, facts) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        record.instance.id,
        record.place,
        record.revision,
        ports::to_string(record.instance.state),
        record.instance.client_token,
        record.instance.private_ip,
        instance_facts(record)
    );
    insert_tags(database, record.instance.id.str(), record.instance.tags);
}

std::string rules_text(const std::vector<ports::IngressRule>& rules) {
    json::array array;
    for (const auto& rule : rules) {
        array.push_back(json::array{rule.protocol, rule.from_port, rule.to_port, rule.cidr});
    }
    return json::serialize(array);
}

std::vector<ports::IngressRule> read_rules(const json::value& text) {
    std::vector<ports::IngressRule> rules;
    for (const auto& one : text.as_array()) {
        const auto& rule = one.as_array();
        rules.push_back(
            {std::string{rule.at(0).as_string()},
             rule.at(1).to_number<std::uint16_t>(),
             rule.at(2).to_number<std::uint16_t>(),
             std::string{rule.at(3).as_string()}}
        );
    }
    return rules;
}

}  // namespace kiln::sqlite
