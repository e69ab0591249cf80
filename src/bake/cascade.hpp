#pragma once

#include "ports/bake_store.hpp"
#include "ports/cloud.hpp"

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

/// `kiln image rebuild BASE`: what stands on an older version of BASE is baked again on the new
/// one.
namespace kiln::bake {

/// One image to bake again.
struct CascadeStep {
    ports::Image image;    ///< the version there is now
    std::string new_name;  ///< of the version to be made
    /// What it will stand on: an image there is, or what an earlier step makes.
    std::variant<ImageId, std::size_t> parent;
};

struct CascadeSkip {
    ports::Image image;
    std::string why;
};

struct CascadePlan {
    ports::Image base;
    std::vector<ports::Image> replaced;  ///< the older versions of `base`
    std::vector<CascadeStep> steps;      ///< each after the one it stands on
    std::vector<CascadeSkip> skipped;
};

/// Works out what to bake again. Pure.
///
/// Older versions of `base` are the images of its name stem, owner and architecture that are older
/// than it, and those in `also_replaced`. Of each image that descends from one of them only the
/// newest version is baked again; one that has a version on the new base already is left alone.
/// @param recorded  bakes whose request is still known
[[nodiscard]] CascadePlan plan_cascade(
    const ports::Image& base,
    const std::vector<ports::Image>& images,
    const std::set<ImageId>& also_replaced,
    const std::set<BakeId>& recorded
);

[[nodiscard]] json::object to_json(const CascadePlan& plan);

/// The recorded request with another name and parent.
[[nodiscard]] json::object request_for(
    const json::value& recorded, const std::string& name, const ImageId& parent
);

/// How far a cascade is. Pure: no thread, no clock.
class CascadeProgress {
  public:
    enum class State { waiting, running, made, failed, skipped };

    struct Result {
        State state = State::waiting;
        std::optional<ImageId> image;
        std::string why;
    };

    explicit CascadeProgress(const CascadePlan& plan) : plan_{plan}, results_(plan.steps.size()) {}

    /// A step whose parent is there, now running; nullopt: none at the moment.
    std::optional<std::size_t> start_next();
    [[nodiscard]] ImageId parent_of(std::size_t step) const;
    void made(std::size_t step, const ImageId& image);
    /// All that would stand on it is skipped.
    void failed(std::size_t step, const std::string& why);
    [[nodiscard]] bool over() const noexcept;  ///< nothing is running, and nothing can start

    [[nodiscard]] const std::vector<Result>& results() const noexcept { return results_; }

  private:
    const CascadePlan& plan_;
    std::vector<Result> results_;
};

[[nodiscard]] std::string_view to_string(CascadeProgress::State state) noexcept;

/// Bakes one step on the given parent. Called from several threads. @throws Error  it failed
using BakeStep = std::function<ImageId(const CascadeStep& step, const ImageId& parent)>;

/// Runs the plan, up to `concurrency` bakes at once; a branch ends at its first failure.
/// @throws Error  cancelled, when what was running has ended
[[nodiscard]] std::vector<CascadeProgress::Result> run_cascade(
    const CascadePlan& plan,
    std::size_t concurrency,
    const BakeStep& bake,
    const std::stop_token& stop
);

}  // namespace kiln::bake
