#include "cli/references.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::cli {

std::string literal_pattern(std::string_view name) {
    std::string pattern;
    for (const char c : name) {
        if (c == '*' || c == '?' || c == '\\') {
            pattern += '\\';
        }
        pattern += c;
    }
    return pattern;
}

ports::Image find_image(ports::Images& images, const std::string& reference) {
    ports::ImageFilter filter;
    if (is_id(id_kind::Image::prefix, reference)) {
        filter.ids = {ImageId::trusted(reference)};
        auto found = images.describe(filter);
        if (!found.empty()) {
            return found.front();
        }
        throw Error{ErrorKind::not_found, fmt::format("no image {}", reference)}.hint(
            "kiln image list"
        );
    }
    filter.names = {literal_pattern(reference)};
    const auto found = images.describe(filter);
    if (found.size() == 1) {
        return found.front();
    }
    if (found.size() > 1) {
        throw Error{
            ErrorKind::not_found,
            fmt::format("{} images are named \"{}\"", found.size(), reference)}
            .hint("name one by its id: kiln image list");
    }
    std::vector<std::string> names;
    for (const auto& image : images.describe({})) {
        names.push_back(image.name);
    }
    throw Error{
        ErrorKind::not_found,
        fmt::format("no image \"{}\"", reference) + did_you_mean(reference, names)}
        .hint("kiln image list");
}

ports::BakeRecord find_bake(ports::BakeStore& bakes, const std::string& reference) {
    if (is_id(id_kind::Bake::prefix, reference)) {
        return bakes.get(BakeId::trusted(reference));
    }
    ports::BakeFilter filter;
    filter.name = literal_pattern(reference);
    filter.limit = 1;
    auto found = bakes.list(filter);
    if (!found.empty()) {
        return std::move(found.front());
    }
    std::vector<std::string> names;
    for (const auto& record : bakes.list({})) {
        names.push_back(record.name);
    }
    throw Error{
        ErrorKind::not_found,
        fmt::format("no bake \"{}\"", reference) + did_you_mean(reference, names)}
        .hint("kiln bake list");
}

ports::Volume find_volume(ports::Volumes& volumes, const std::string& id) {
    auto found = volumes.describe({VolumeId::parse(id)});
    if (found.empty()) {
        throw Error{ErrorKind::not_found, "no volume " + id}.hint("kiln volume list");
    }
    return std::move(found.front());
}

ports::Snapshot find_snapshot(ports::Snapshots& snapshots, const std::string& id) {
    auto found = snapshots.describe({SnapshotId::parse(id)});
    if (found.empty()) {
        throw Error{ErrorKind::not_found, "no snapshot " + id}.hint("kiln snapshot list");
    }
    return std::move(found.front());
}

ports::Tags tags_from(const std::vector<std::string>& pairs) {
    ports::Tags tags;
    std::vector<Problem> problems;
    for (const auto& pair : pairs) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) {
            problems.push_back({pair, "is not KEY=VALUE"});
        } else if (!tags.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) {
            problems.push_back({pair, "its key is given twice"});
        }
    }
    auto more = ports::tag_problems(tags, "tags");
    std::move(more.begin(), more.end(), std::back_inserter(problems));
    if (!problems.empty()) {
        throw Error{"bad tags", std::move(problems)};
    }
    return tags;
}

std::string tags_text(const ports::Tags& tags) {
    std::string text;
    for (const auto& [key, value] : tags) {
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
    }
    return text;
}

std::string facts_text(const std::vector<std::pair<std::string, std::string>>& facts) {
    std::size_t width = 0;
    for (const auto& [name, value] : facts) {
        width = std::max(width, name.size());
    }
    std::string text;
    for (const auto& [name, value] : facts) {
        if (!value.empty()) {
            text += fmt::format("{:<{}}  {}\n", name + ":", width + 1, value);
        }
    }
    return text;
}

}  // namespace kiln::cli
