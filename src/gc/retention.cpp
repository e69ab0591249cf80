#include "gc/retention.hpp"

#include "ports/image_version.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace kiln::gc {

namespace {

/// How many newer images of its stem each image has, by id.
std::map<ImageId, std::size_t> ranks(std::vector<ports::Image> images) {
    std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) {
        return a.created > b.created;
    });
    std::map<std::string, std::size_t> seen;
    std::map<ImageId, std::size_t> rank;
    for (const auto& image : images) {
        rank[image.id] = seen[ports::name_stem(image.name)]++;
    }
    return rank;
}

/// Why the rule lets the image go, or nothing.
std::optional<std::string> had_its_time(
    const ports::Image& image, std::size_t rank, const Retention& retention, TimePoint now
) {
    std::string why;
    if (retention.keep) {
        if (rank < *retention.keep) {
            return std::nullopt;
        }
        why = fmt::format("{} newer of \"{}\"", rank, ports::name_stem(image.name));
    }
    if (retention.older_than) {
        if (now - image.created <= *retention.older_than) {
            return std::nullopt;
        }
        why += (why.empty() ? "" : ", ") + humanize(Duration{now - image.created}) + " old";
    }
    return why;
}

/// Why the image stays all the same, or nothing.
std::optional<std::string> protection(
    const ports::Image& image, const std::map<ImageId, std::string>& children
) {
    if (image.tags.contains("keep")) {
        return "tagged \"keep\"";
    }
    if (!image.shared_with.empty()) {
        return fmt::format("shared with {}", image.shared_with.front());
    }
    if (const auto child = children.find(image.id); child != children.end()) {
        return fmt::format("parent of \"{}\"", child->second);
    }
    return std::nullopt;
}

}  // namespace

ImagePlan plan_images(
    const std::vector<ports::Image>& images, const Retention& retention, TimePoint now
) {
    ImagePlan plan;
    if (!retention.any()) {
        return plan;
    }
    std::map<ImageId, std::string> children;
    for (const auto& image : images) {
        if (image.parent) {
            children.emplace(*image.parent, image.name);
        }
    }
    const auto rank = ranks(images);
    for (const auto& image : images) {
        const auto why = had_its_time(image, rank.at(image.id), retention, now);
        if (!why) {
            continue;
        }
        const auto stays = protection(image, children);
        (stays ? plan.spared : plan.remove).push_back({image, stays.value_or(*why)});
    }
    const auto older = [](const Verdict& a, const Verdict& b) {
        return a.image.created < b.image.created;
    };
    std::stable_sort(plan.remove.begin(), plan.remove.end(), older);
    std::stable_sort(plan.spared.begin(), plan.spared.end(), older);
    return plan;
}

std::vector<ports::Checkpoint> plan_checkpoints(
    const std::vector<ports::Checkpoint>& checkpoints, Bytes budget
) {
    Bytes total;
    for (const auto& checkpoint : checkpoints) {
        total += checkpoint.stored;
    }
    std::vector<ports::Checkpoint> remove;
    for (const auto& checkpoint : checkpoints) {
        if (total <= budget) {
            break;
        }
        total = total - checkpoint.stored;
        remove.push_back(checkpoint);
    }
    return remove;
}

std::vector<ports::BakeRecord> plan_records(
    const std::vector<ports::BakeRecord>& records,
    const std::vector<ports::Image>& images,
    TimePoint before
) {
    std::set<BakeId> needed;
    for (const auto& image : images) {
        if (image.bake) {
            needed.insert(*image.bake);
        }
    }
    std::vector<ports::BakeRecord> old;
    for (const auto& record : records) {
        if (record.ended && *record.ended < before && !needed.contains(record.id)) {
            old.push_back(record);
        }
    }
    return old;
}

}  // namespace kiln::gc
