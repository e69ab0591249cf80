#include "api/instances/fields.hpp"

#include "base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::api {

namespace {

constexpr std::size_t kLongestId = 128;

std::string plain_name(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

void want_size(const Call& call) {
    const auto size = call.request().body.size();
    if (size > kMostBody) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("a body has at most {} bytes here; this one has {}", kMostBody, size)};
    }
}

bool is_json(const std::string& body) {
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != std::string::npos && (body[first] == '{' || body[first] == '[');
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs json_pairs(const Call& call, std::vector<Problem>& problems) {
    Pairs pairs;
    const auto document = call.body(kMostBody);
    const auto* object = document.if_object();
    if (object == nullptr) {
        problems.push_back({"", "an object is wanted"});
        return pairs;
    }
    for (const auto& entry : *object) {
        std::string name{entry.key()};
        if (const auto* text = entry.value().if_string()) {
            pairs.emplace_back(std::move(name), std::string{*text});
        } else if (!entry.value().is_null()) {
            problems.push_back({std::move(name), "must be a string"});
        }
    }
    return pairs;
}

}  // namespace

BodyFields read_fields(const Call& call, const std::vector<std::string>& known) {
    want_size(call);
    std::vector<Problem> problems;
    const auto& body = call.request().body;
    auto pairs = is_json(body) ? json_pairs(call, problems) : net::parse_form(body);
    BodyFields fields;
    for (auto& [given, value] : pairs) {
        const auto name = plain_name(given);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            problems.push_back({given, "unknown field" + did_you_mean(name, known)});
        } else if (!fields.emplace(name, std::move(value)).second) {
            problems.push_back({given, "given twice"});
        }
    }
    if (!problems.empty()) {
        throw Error{"the body is wrong", std::move(problems)};
    }
    return fields;
}

std::string field(const BodyFields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
}

json::value read_wrapped(const Call& call, std::string_view key) {
    want_size(call);
    const auto document = call.body(kMostBody);
    std::vector<Problem> problems;
    ObjectReader reader{document, "", problems};
    const auto* inner = reader.value(key, ObjectReader::Need::required);
    reader.finish();
    const auto* list = inner != nullptr ? inner->if_array() : nullptr;
    if (list != nullptr && list->size() != 1) {
        problems.push_back({std::string{key}, "one at a time is wanted"});
    }
    if (!problems.empty()) {
        throw Error{"the body is wrong", std::move(problems)};
    }
    return list != nullptr ? list->front() : *inner;
}

instances::Resize read_resize(const json::value& body) {
    constexpr std::int64_t kMost = 1'000'000;  // what a group may have is its own affair
    std::vector<Problem> problems;
    ObjectReader reader{body, "", problems};
    instances::Resize sizes;
    sizes.min_size = reader.integer("min_size", 0, kMost);
    sizes.max_size = reader.integer("max_size", 0, kMost);
    sizes.desired_capacity = reader.integer("desired_capacity", 0, kMost);
    reader.finish();
    if (problems.empty() && !sizes.min_size && !sizes.max_size && !sizes.desired_capacity) {
        problems.push_back({"", "min_size, max_size or desired_capacity is wanted"});
    }
    if (!problems.empty()) {
        throw Error{"the body is wrong", std::move(problems)};
    }
    return sizes;
}

std::optional<bool> flag_of(const Call& call, std::string_view name) {
    const auto text = call.query(name);
    if (!text) {
        return std::nullopt;
    }
    if (*text != "" && *text != "true" && *text != "false") {
        throw Error{"the query is wrong", {{fmt::format("?{}", name), "must be true or false"}}};
    }
    return *text != "false";
}

const std::string& id_of_path(const Call& call, std::string_view what) {
    const auto& id = call.path("id");
    const bool good = id.size() <= kLongestId && std::all_of(id.begin(), id.end(), [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                                 (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
                      });
    if (!good) {
        throw Error{ErrorKind::not_found, fmt::format("there is no {} of such an id", what)};
    }
    return id;
}

}  // namespace kiln::api
