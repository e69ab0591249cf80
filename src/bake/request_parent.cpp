#include "bake/request_parse.hpp"
#include "base/suggest.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::bake::request_parts {

namespace {

constexpr std::size_t kMostQueries = 20;
constexpr std::size_t kMostValues = 200;  ///< of one filter, EC2's limit
constexpr std::size_t kLongestValue = 255;

constexpr std::string_view kTagPrefix = "tag:";

/// A filter's values: one string or a list of them.
std::vector<std::string> read_values(
    const json::value& value, const std::string& where, std::vector<Problem>& problems
) {
    std::vector<std::string> values;
    const auto take = [&](const json::value& item, const std::string& at) {
        if (!item.is_string()) {
            problems.push_back({at, fmt::format("must be a string, not {}", kind_name(item))});
        } else if (const auto& text = item.get_string();
                   text.empty() || text.size() > kLongestValue || text.find('\0') != text.npos) {
            problems.push_back({at, fmt::format("must be 1 to {} bytes of text", kLongestValue)});
        } else {
            values.emplace_back(text);
        }
    };
    const auto* list = value.if_array();
    if (list == nullptr) {
        if (value.is_string()) {
            take(value, where);
        } else {
            problems.push_back(
                {where,
                 fmt::format("must be a string or a list of strings, not {}", kind_name(value))}
            );
        }
        return values;
    }
    if (list->empty() || list->size() > kMostValues) {
        problems.push_back({where, fmt::format("must have 1 to {} values", kMostValues)});
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        take((*list)[i], fmt::format("{}[{}]", where, i));
    }
    return values;
}

std::vector<ImageId> read_ids(
    const std::vector<std::string>& texts, const std::string& where, std::vector<Problem>& problems
) {
    std::vector<ImageId> ids;
    for (const auto& text : texts) {
        if (is_id(id_kind::Image::prefix, text)) {
            ids.push_back(ImageId::trusted(text));
        } else {
            problems.push_back(
                {where, "must be an image's id; one looks like ami-0123456789abcdef0"}
            );
        }
    }
    return ids;
}

}  // namespace

ports::ImageFilter read_filter(
    const json::value& value, const std::string& where, std::vector<Problem>& problems
) {
    ports::ImageFilter filter;
    const auto* object = value.if_object();
    if (object == nullptr) {
        problems.push_back(
            {where, fmt::format("must be an object of filters, not {}", kind_name(value))}
        );
        return filter;
    }
    if (object->empty()) {
        problems.push_back({where, "must have at least one filter, {\"name\": \"web@main@*\"}"});
    }
    const std::vector<std::string> known{
        "name", "tag:KEY", "tag-key", "owner", "architecture", "state", "image-id"};
    for (const auto& [key_view, member] : *object) {
        const std::string key{key_view};
        const auto at = fmt::format("{}.{}", where, key);
        if (key.starts_with(kTagPrefix) && key.size() > kTagPrefix.size()) {
            filter.tags[key.substr(kTagPrefix.size())] = read_values(member, at, problems);
        } else if (key == "name") {
            filter.names = read_values(member, at, problems);
        } else if (key == "tag-key") {
            filter.tag_keys = read_values(member, at, problems);
        } else if (key == "owner") {
            filter.owners = read_values(member, at, problems);
        } else if (key == "architecture") {
            filter.architectures = read_values(member, at, problems);
        } else if (key == "state") {
            filter.states = read_values(member, at, problems);
        } else if (key == "image-id") {
            filter.ids = read_ids(read_values(member, at, problems), at, problems);
        } else {
            problems.push_back(
                {at,
                 fmt::format(
                     "unknown filter; there are {}{}",
                     fmt::join(known, ", "),
                     did_you_mean(key, known)
                 )}
            );
        }
    }
    return filter;
}

Parent read_parent(const json::value& value, std::vector<Problem>& problems) {
    Parent parent;
    ObjectReader reader{value, "parent", problems};
    if (!value.is_object()) {
        return parent;
    }
    const auto before = problems.size();
    const auto* queries = reader.array("queries");
    auto id = reader.string("id");
    parent.name = reader.string("name");
    reader.finish();
    const int given = (queries != nullptr ? 1 : 0) + (id ? 1 : 0) + (parent.name ? 1 : 0);
    if (given != 1 && problems.size() == before) {
        problems.push_back(
            {"parent",
             fmt::format(
                 "must have exactly one of \"id\", \"name\" and \"queries\", not {}",
                 given == 0   ? "none"
                 : given == 2 ? "two"
                              : "three"
             )}
        );
    }
    if (id) {
        const auto ids = read_ids({*id}, "parent.id", problems);
        parent.id = ids.empty() ? std::nullopt : std::optional{ids.front()};
    }
    if (parent.name) {
        if (const auto problem = ports::image_name_problem(*parent.name)) {
            problems.push_back({"parent.name", *problem});
        }
    }
    if (queries != nullptr) {
        if (queries->empty() || queries->size() > kMostQueries) {
            problems.push_back(
                {"parent.queries", fmt::format("must have 1 to {} queries", kMostQueries)}
            );
        }
        for (std::size_t i = 0; i < queries->size(); ++i) {
            parent.queries.push_back(
                read_filter((*queries)[i], fmt::format("parent.queries[{}]", i), problems)
            );
        }
    }
    return parent;
}

}  // namespace kiln::bake::request_parts
