#include "api/images.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::api {

namespace {

constexpr std::int64_t kMostListed = 1000;

/// Newest first, with the id to break ties: pages do not overlap.
bool comes_before(const ports::Image& a, const ports::Image& b) {
    return a.created != b.created ? a.created > b.created : a.id > b.id;
}

ports::ImageFilter filter_of(const Call& call) {
    ports::ImageFilter filter;
    if (const auto name = call.query("name")) {
        filter.names = {*name};
    }
    if (const auto owner = call.query("owner")) {
        filter.owners = {*owner};
    }
    if (const auto tag = call.query("tag")) {
        const auto equals = tag->find('=');
        if (equals == std::string::npos) {
            filter.tag_keys = {*tag};
        } else {
            filter.tags[tag->substr(0, equals)] = {tag->substr(equals + 1)};
        }
    }
    return filter;
}

void list(ports::Images& images, Call& call, Reply& reply) {
    const auto limit =
        static_cast<std::size_t>(call.query_number("limit", 1, kMostListed, kMostListed));
    auto found = images.describe(filter_of(call));
    std::sort(found.begin(), found.end(), comes_before);
    if (const auto after = call.query("after")) {
        const auto id = ImageId::parse(*after);
        const auto at = std::find_if(found.begin(), found.end(), [&](const auto& image) {
            return image.id == id;
        });
        if (at == found.end()) {
            throw Error{
                ErrorKind::not_found, fmt::format("?after: no image {} among these", *after)};
        }
        found.erase(found.begin(), std::next(at));
    }
    json::array page;
    for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) {
        page.push_back(ports::to_json(found[i]));
    }
    json::object document{{"images", std::move(page)}, {"next", nullptr}};
    if (found.size() > limit) {
        document["next"] = found[limit - 1].id.str();
    }
    reply.send(200, document);
}

void show(ports::Images& images, Call& call, Reply& reply) {
    ports::ImageFilter filter;
    try {
        filter.ids = {ImageId::parse(call.path("id"))};
    } catch (const Error& error) {
        throw Error{ErrorKind::not_found, error.message()}.hint("GET /v1/images lists them");
    }
    const auto found = images.describe(filter);
    if (found.empty()) {
        throw Error{ErrorKind::not_found, fmt::format("no image {}", call.path("id"))}.hint(
            "GET /v1/images lists them"
        );
    }
    reply.send(200, ports::to_json(found.front()));
}

}  // namespace

std::vector<Route> image_routes(ports::Images& images) {
    return {
        {"GET",
         "/v1/images",
         {"name", "owner", "tag", "limit", "after"},
         Access::token,
         [&images](Call& call, Reply& reply) { list(images, call, reply); }},
        {"GET",
         "/v1/images/{id}",
         {},
         Access::token,
         [&images](Call& call, Reply& reply) { show(images, call, reply); }},
    };
}

}  // namespace kiln::api
