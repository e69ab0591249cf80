#include "bake/cascade.hpp"

#include "ports/image_version.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace kiln::bake {

namespace {

/// Versions of one image: alike in stem, owner and architecture.
using Family = std::tuple<std::string, std::string, std::string>;

Family family_of(const ports::Image& image) {
    return {ports::name_stem(image.name), image.owner, image.architecture};
}

class Planner {
  public:
    Planner(
        const ports::Image& base,
        const std::vector<ports::Image>& images,
        const std::set<ImageId>& also_replaced,
        const std::set<BakeId>& recorded
    )
        : base_{base}, base_family_{family_of(base)}, recorded_{recorded} {
        plan_.base = base;
        for (const auto& image : images) {
            by_id_[image.id] = &image;
            taken_.insert(image.name);
            auto& newest = newest_[family_of(image)];
            if (newest == nullptr || newest->created < image.created) {
                newest = &image;
            }
            const bool older = family_of(image) == base_family_ && image.created < base.created;
            if (image.id != base.id && (older || also_replaced.contains(image.id))) {
                replaced_.insert(image.id);
                plan_.replaced.push_back(image);
            }
        }
        std::sort(plan_.replaced.begin(), plan_.replaced.end(), [](const auto& a, const auto& b) {
            return a.created < b.created;
        });
    }

    CascadePlan plan() && {
        std::vector<const ports::Image*> newest;
        for (const auto& [family, image] : newest_) {
            if (family != base_family_ && descends_from_replaced(*image)) {
                newest.push_back(image);
            }
        }
        std::sort(newest.begin(), newest.end(), [](const auto* a, const auto* b) {
            return std::tie(a->created, a->id) < std::tie(b->created, b->id);
        });
        for (const auto* image : newest) {
            (void)place(*image);
        }
        return std::move(plan_);
    }

  private:
    using Parent = std::variant<ImageId, std::size_t>;

    [[nodiscard]] const ports::Image* find(const std::optional<ImageId>& id) const {
        const auto found = id ? by_id_.find(*id) : by_id_.end();
        return found != by_id_.end() ? found->second : nullptr;
    }

    /// Does its line of parents reach an older version of the base before the base itself?
    [[nodiscard]] bool descends_from_replaced(const ports::Image& image) const {
        std::set<ImageId> seen;
        for (auto id = image.parent; id && *id != base_.id && seen.insert(*id).second;) {
            if (replaced_.contains(*id)) {
                return true;
            }
            const auto* parent = find(id);
            id = parent != nullptr ? parent->parent : std::nullopt;
        }
        return false;
    }

    /// Plans the newest version of a family and, before it, what it stands on.
    /// @returns  what stands for the family afterwards; nullopt: it cannot be baked again
    std::optional<Parent> place(const ports::Image& image) {
        const auto family = family_of(image);
        if (const auto known = placed_.find(family); known != placed_.end()) {
            return known->second;
        }
        placed_[family] = std::nullopt;  // meets itself again: its lineage is a circle of families
        if (!image.bake || !recorded_.contains(*image.bake)) {
            plan_.skipped.push_back({image, "its request is no longer known"});
            return std::nullopt;
        }
        auto parent = new_parent(image);
        if (!parent) {
            plan_.skipped.push_back({image, "what it stands on cannot be baked again"});
            return std::nullopt;
        }
        plan_.steps.push_back({image, free_name(image.name), *std::move(parent)});
        return placed_[family] = Parent{plan_.steps.size() - 1};
    }

    std::optional<Parent> new_parent(const ports::Image& image) {
        if (replaced_.contains(*image.parent)) {
            return Parent{base_.id};
        }
        const auto* parent = find(image.parent);
        const auto* newest = newest_.at(family_of(*parent));
        return descends_from_replaced(*newest) ? place(*newest) : std::optional{Parent{newest->id}};
    }

    std::string free_name(const std::string& name) {
        auto wanted = ports::rebuilt_name(name);
        while (!taken_.insert(wanted).second) {
            wanted = ports::rebuilt_name(wanted);
        }
        return wanted;
    }

    const ports::Image& base_;
    Family base_family_;
    const std::set<BakeId>& recorded_;
    std::map<ImageId, const ports::Image*> by_id_;
    std::map<Family, const ports::Image*> newest_;
    std::set<ImageId> replaced_;
    std::set<std::string> taken_;
    std::map<Family, std::optional<Parent>> placed_;
    CascadePlan plan_;
};

}  // namespace

CascadePlan plan_cascade(
    const ports::Image& base,
    const std::vector<ports::Image>& images,
    const std::set<ImageId>& also_replaced,
    const std::set<BakeId>& recorded
) {
    return Planner{base, images, also_replaced, recorded}.plan();
}

namespace {

json::object brief(const ports::Image& image) {
    return {{"id", image.id.str()}, {"name", image.name}};
}

}  // namespace

json::object to_json(const CascadePlan& plan) {
    json::array replaced, steps, skipped;
    for (const auto& image : plan.replaced) {
        replaced.push_back(brief(image));
    }
    for (const auto& step : plan.steps) {
        json::object one{{"image", brief(step.image)}, {"new_name", step.new_name}};
        if (const auto* id = std::get_if<ImageId>(&step.parent)) {
            one["parent"] = json::object{{"id", id->str()}};
        } else {
            const auto& made = plan.steps[std::get<std::size_t>(step.parent)];
            one["parent"] = json::object{{"name", made.new_name}};
        }
        steps.push_back(std::move(one));
    }
    for (const auto& [image, why] : plan.skipped) {
        skipped.push_back({{"image", brief(image)}, {"why", why}});
    }
    return {
        {"base", brief(plan.base)},
        {"replaces", std::move(replaced)},
        {"steps", std::move(steps)},
        {"skipped", std::move(skipped)}};
}

json::object request_for(
    const json::value& recorded, const std::string& name, const ImageId& parent
) {
    if (!recorded.is_object()) {
        throw Error{
            ErrorKind::corrupt, "the recorded request is " + std::string{kind_name(recorded)}};
    }
    auto request = recorded.get_object();
    request["name"] = name;
    request["parent"] = json::object{{"id", parent.str()}};
    request["reply_to"] = nullptr;  // whoever asked then was told the end
    return request;
}

}  // namespace kiln::bake
