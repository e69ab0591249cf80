#include "release/order_json.hpp"

#include "base/error.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::release {

namespace {

Mode read_mode(const std::string& text) {
    for (const auto mode : {Mode::normal, Mode::fake_workers, Mode::skip_workers, Mode::test}) {
        if (to_string(mode) == text) {
            return mode;
        }
    }
    throw Error{ErrorKind::invalid, fmt::format("\"{}\" is no mode of a release", text)};
}

json::array done_json(const std::vector<Instance>& done, const std::string& version) {
    json::array out;
    for (const auto& instance : done) {
        if (instance.version == version && !instance.step.empty()) {
            out.emplace_back(
                instance.distro.empty() ? instance.step : instance.step + " " + instance.distro
            );
        }
    }
    return out;
}

}  // namespace

json::object to_json(const Round& round) {
    auto out = to_json(round.order);
    out["round"] = round.number;
    return out;
}

Round read_round(const json::object& input) {
    using enum ObjectReader::Need;
    std::vector<Problem> problems;
    Round round;
    ObjectReader reader{member(input, "release"), "release", problems};
    const std::vector<std::string> none;
    round.order.versions = reader.strings("versions", required).value_or(none);
    round.order.distros = reader.strings("distros", required).value_or(none);
    round.order.steps = reader.strings("steps", required).value_or(none);
    const auto mode = reader.string("mode", required);
    constexpr std::int64_t kMostRounds = 1'000'000;
    round.number = reader.integer("round", 0, kMostRounds).value_or(0);
    if (!problems.empty()) {
        throw Error{"the data of the release is not as it was made", std::move(problems)};
    }
    round.order.mode = read_mode(*mode);
    return round;
}

json::object first_data(const Round& round, const std::vector<Instance>& done) {
    json::array items;
    for (const auto& version : round.order.versions) {
        items.push_back(json::object{{"version", version}, {"done", done_json(done, version)}});
    }
    return {
        {"release", to_json(round)},
        {"items", std::move(items)},
        {"done", done_json(done, "")},
        {"before", json::array{}},
        {"results", json::object{}}};
}

std::vector<Instance> read_done(const json::object& input, const std::string& version) {
    std::vector<Instance> out;
    const auto* done = input.if_contains("done");
    if (done == nullptr || !done->is_array()) {
        return out;
    }
    for (const auto& item : done->get_array()) {
        if (const auto* text = item.if_string()) {
            const std::string all{*text};
            const auto blank = all.find(' ');
            out.push_back(
                {all.substr(0, blank),
                 version,
                 blank == std::string::npos ? "" : all.substr(blank + 1)}
            );
        }
    }
    return out;
}

std::string round_name(const json::object& input) {
    const auto* execution = input.if_contains("execution");
    const auto* round = input.if_contains("round");
    return fmt::format(
        "{}#{}",
        execution != nullptr && execution->is_string() ? std::string{execution->get_string()} : "",
        round != nullptr && round->is_int64() ? round->get_int64() : 0
    );
}

const json::value& member(const json::object& input, std::string_view key) {
    const auto* value = input.if_contains(key);
    if (value == nullptr) {
        throw Error{ErrorKind::invalid, fmt::format("the task's input has no `{}`", key)};
    }
    return *value;
}

const json::object& object_member(const json::object& input, std::string_view key) {
    const auto& value = member(input, key);
    if (!value.is_object()) {
        throw Error{ErrorKind::invalid, fmt::format("`{}` of the task's input is no object", key)};
    }
    return value.get_object();
}

}  // namespace kiln::release
