#include "bake/request.hpp"
#include "bake/request_parse.hpp"
#include "base/suggest.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace kiln::bake {

namespace {

using ports::Image;
using Hits = std::vector<Image>;

constexpr std::size_t kMostListed = 20;

/// Are they versions of one image: alike but for name, date, ids and tags?
bool alike(const Image& a, const Image& b) {
    const auto rest = [](const Image& image) {
        return std::tie(image.description, image.architecture, image.owner, image.size);
    };
    return rest(a) == rest(b);
}

bool older(const Image& a, const Image& b) {
    return std::tie(a.created, a.id) < std::tie(b.created, b.id);
}

Error unlike_error(const Hits& hits, std::string_view asked) {
    auto sorted = hits;
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return older(b, a);
    });
    std::string text = fmt::format(
        "{} finds {} images that are not versions of one (description, architecture, owner or size "
        "differ):",
        asked,
        hits.size()
    );
    for (std::size_t i = 0; i < sorted.size() && i < kMostListed; ++i) {
        const auto& image = sorted[i];
        text += fmt::format(
            "\n  {} '{}' created {}, {}, {}, owner {}{}",
            image.id.str(),
            image.name,
            format_time(image.created),
            image.architecture,
            humanize(image.size),
            image.owner,
            image.description.empty() ? "" : fmt::format(", \"{}\"", image.description)
        );
    }
    if (sorted.size() > kMostListed) {
        text += fmt::format("\n  and {} more", sorted.size() - kMostListed);
    }
    return Error{ErrorKind::invalid, text}.hint("name one by its id, or add a filter to the query");
}

/// The one image among several hits. Those that cannot be baked from yet, or any more, stand back.
Image choose(Hits hits, std::string_view asked) {
    const auto usable = std::stable_partition(hits.begin(), hits.end(), [](const Image& image) {
        return image.state == ports::ImageState::available;
    });
    if (usable != hits.begin()) {
        hits.erase(usable, hits.end());
    }
    const bool one = std::all_of(hits.begin(), hits.end(), [&](const Image& image) {
        return alike(image, hits.front());
    });
    if (!one) {
        throw unlike_error(hits, asked);
    }
    return *std::max_element(hits.begin(), hits.end(), older);
}

template <class Predicate>
Hits only(const std::vector<Hits>& hits, Predicate predicate) {
    Hits found;
    for (const auto& list : hits) {
        std::copy_if(list.begin(), list.end(), std::back_inserter(found), predicate);
    }
    return found;
}

std::vector<std::string> names_of(const std::vector<Hits>& hits) {
    std::vector<std::string> names;
    for (const auto& list : hits) {
        for (const auto& image : list) {
            names.push_back(image.name);
        }
    }
    return names;
}

std::string shown(const ports::ImageFilter& query) {
    return json::serialize(request_parts::filter_json(query));
}

}  // namespace

Image choose_parent(const Parent& parent, const std::vector<Hits>& hits) {
    if (parent.id) {
        auto found = only(hits, [&](const Image& image) { return image.id == *parent.id; });
        if (found.empty()) {
            throw Error{
                ErrorKind::not_found, fmt::format("there is no parent image {}", parent.id->str())}
                .hint("`kiln image list` shows what there is");
        }
        return std::move(found.front());
    }
    if (parent.name) {
        auto found = only(hits, [&](const Image& image) { return image.name == *parent.name; });
        if (found.empty()) {
            throw Error{
                ErrorKind::not_found,
                fmt::format(
                    "there is no parent image named '{}'{}",
                    *parent.name,
                    did_you_mean(*parent.name, names_of(hits))
                )}
                .hint("`kiln image list` shows what there is");
        }
        return choose(std::move(found), fmt::format("the name '{}'", *parent.name));
    }
    for (std::size_t i = 0; i < hits.size() && i < parent.queries.size(); ++i) {
        if (!hits[i].empty()) {
            return choose(
                hits[i], fmt::format("parent query {} {}", i + 1, shown(parent.queries[i]))
            );
        }
    }
    std::string asked;
    for (const auto& query : parent.queries) {
        asked += "\n  " + shown(query);
    }
    throw Error{ErrorKind::not_found, "no image answers to any of the parent queries:" + asked}
        .hint("`kiln image list` shows what there is");
}

}  // namespace kiln::bake
