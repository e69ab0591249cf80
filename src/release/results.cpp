#include "release/results.hpp"

#include "release/outcome_json.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::release {

namespace {

const json::object* object_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_array();
}

/// Finds outcomes in the data of a machine, of whatever shape it has there.
class Collector {
  public:
    std::vector<Outcome> outcomes;

    void any(const json::value& value, const Instance& at) {
        if (const auto* list = value.if_array()) {
            for (const auto& element : *list) {
                any(element, at);
            }
        } else if (const auto* object = value.if_object()) {
            any(*object, at);
        }
    }

  private:
    void any(const json::object& object, const Instance& at) {
        auto inside = at;
        inside.version = text_of(object, "version", at.version);
        inside.distro = text_of(object, "distro", at.distro);
        if (const auto* output = object_in(object, "output")) {
            any(*output, inside);
        } else if (const auto* results = object_in(object, "results")) {
            any(*results, inside);
        } else {
            normalised(object, at);
            raw(object, at);
        }
    }

    void not_supported(const json::object& object, const Instance& at) {
        const auto* list = array_in(object, "not_supported");
        for (const auto& distro : list == nullptr ? json::array{} : *list) {
            if (distro.is_string()) {
                outcomes.push_back(
                    {{"", at.version, std::string{distro.get_string()}}, Status::not_supported}
                );
            }
        }
    }

    void steps(const json::object& object, Instance at) {
        for (const auto& [step, value] : object) {
            if (const auto* outcome = value.if_object()) {
                at.step = step;
                outcomes.push_back(read_outcome(at, *outcome));
            }
        }
    }

    void normalised(const json::object& object, const Instance& at) {
        if (const auto* inside = object_in(object, "steps")) {
            steps(*inside, at);
        }
        const auto* distros = object_in(object, "distros");
        for (const auto& [distro, value] : distros == nullptr ? json::object{} : *distros) {
            if (const auto* inside = value.if_object()) {
                steps(*inside, {"", at.version, distro});
            }
        }
        not_supported(object, at);
        const auto* versions = object_in(object, "versions");
        for (const auto& [version, value] : versions == nullptr ? json::object{} : *versions) {
            if (const auto* inside = value.if_object()) {
                normalised(*inside, {"", version, ""});
            }
        }
    }

    void raw(const json::object& results, const Instance& at) {
        for (const auto& [key, value] : results) {
            if (value.is_array()) {
                if (key != "not_supported") {
                    any(value, at);
                }
                continue;
            }
            const auto* left = value.if_object();
            if (left == nullptr) {
                continue;
            }
            not_supported(*left, at);
            auto outcome = raw_outcome({key, at.version, at.distro}, *left);
            if (outcome.status != Status::waiting) {
                outcomes.push_back(std::move(outcome));
            }
        }
    }
};

json::object& below(json::object& object, const std::string& key) {
    auto& value = object[key];
    return value.is_object() ? value.get_object() : value.emplace_object();
}

/// What the output says of a version; of the whole release, or of one version alone, it is itself.
json::object& scope_of(json::object& output, const std::string& version) {
    return version.empty() ? output : below(below(output, "versions"), version);
}

void add_once(json::object& scope, const std::string& distro) {
    auto& list = scope["not_supported"];
    auto& distros = list.is_array() ? list.get_array() : list.emplace_array();
    if (std::ranges::find(distros, json::value(distro)) == distros.end()) {
        distros.push_back(json::value(distro));
    }
}

json::object normalize_cut(const std::vector<Outcome>& outcomes, std::size_t longest) {
    json::object output;
    for (const auto& outcome : outcomes) {
        const auto& instance = outcome.instance;
        auto& scope = scope_of(output, instance.version);
        if (outcome.status == Status::not_supported) {
            add_once(scope, instance.distro);
            continue;
        }
        auto& steps = instance.distro.empty() ? below(scope, "steps")
                                              : below(below(scope, "distros"), instance.distro);
        steps[instance.step] = to_json(outcome, longest);
    }
    return output;
}

}  // namespace

std::string_view to_string(Status status) noexcept {
    switch (status) {
        case Status::waiting:
            return "waiting";
        case Status::running:
            return "running";
        case Status::skipped:
            return "skipped";
        case Status::blocked:
            return "blocked";
        case Status::not_supported:
            return "not supported";
        case Status::succeeded:
            return "succeeded";
        case Status::failed:
            break;
    }
    return "failed";
}

std::vector<Outcome> collect_outcomes(const json::value& data) {
    Collector collector;
    collector.any(data, {});
    return std::move(collector.outcomes);
}

json::object normalize(const std::vector<Outcome>& outcomes, std::size_t limit_bytes) {
    json::object output;
    for (const std::size_t longest : {16'384U, 4'096U, 1'024U, 256U, 64U, 0U}) {
        output = normalize_cut(outcomes, longest);
        if (json::serialize(output).size() <= limit_bytes) {
            break;
        }
    }
    return output;
}

std::size_t version_limit(std::size_t versions) noexcept {
    // Of the 256 KiB that a state's data may have, some is for the order and for keys.
    constexpr std::size_t kAll = 160UL << 10;
    return kAll / std::max<std::size_t>(versions, 1);
}

json::object count_outcomes(const std::vector<Outcome>& outcomes) {
    json::object counts;
    for (const auto& outcome : outcomes) {
        auto& count = counts[to_string(outcome.status)];
        count = (count.is_int64() ? count.get_int64() : 0) + 1;
    }
    return counts;
}

std::optional<std::string> failure_message(const std::vector<Outcome>& outcomes) {
    constexpr std::size_t kLongest = 30'000;
    std::string text = "The following steps have failed:";
    std::size_t left_out = 0;
    bool failed = false;
    for (const auto& outcome : outcomes) {
        if (outcome.status != Status::failed) {
            continue;
        }
        failed = true;
        const auto line = "\n" + failure_line(outcome);
        if (text.size() + line.size() > kLongest) {
            ++left_out;
        } else {
            text += line;
        }
    }
    if (!failed) {
        return std::nullopt;
    }
    return left_out == 0 ? text : fmt::format("{}\nand {} more", text, left_out);
}

std::vector<Instance> done_instances(const std::vector<Outcome>& outcomes) {
    std::vector<Instance> done;
    for (const auto& outcome : outcomes) {
        if (outcome.status == Status::succeeded || outcome.status == Status::skipped) {
            done.push_back(outcome.instance);
        }
    }
    return done;
}

}  // namespace kiln::release
