#include "bake/cascade.hpp"
#include "os/interrupt.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace kiln::bake {

std::string_view to_string(CascadeProgress::State state) noexcept {
    switch (state) {
        case CascadeProgress::State::waiting:
            return "waiting";
        case CascadeProgress::State::running:
            return "running";
        case CascadeProgress::State::made:
            return "made";
        case CascadeProgress::State::failed:
            return "failed";
        case CascadeProgress::State::skipped:
            return "skipped";
    }
    return "waiting";
}

std::optional<std::size_t> CascadeProgress::start_next() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
        const auto* after = std::get_if<std::size_t>(&plan_.steps[i].parent);
        const bool ready = after == nullptr || results_[*after].state == State::made;
        if (results_[i].state == State::waiting && ready) {
            results_[i].state = State::running;
            return i;
        }
    }
    return std::nullopt;
}

ImageId CascadeProgress::parent_of(std::size_t step) const {
    const auto& parent = plan_.steps[step].parent;
    const auto* id = std::get_if<ImageId>(&parent);
    return id != nullptr ? *id : *results_[std::get<std::size_t>(parent)].image;
}

void CascadeProgress::made(std::size_t step, const ImageId& image) {
    results_[step] = {State::made, image, ""};
}

void CascadeProgress::failed(std::size_t step, const std::string& why) {
    results_[step] = {State::failed, std::nullopt, why};
    // Steps stand after what they stand on, so one pass reaches the whole branch.
    for (std::size_t i = step + 1; i < results_.size(); ++i) {
        const auto* after = std::get_if<std::size_t>(&plan_.steps[i].parent);
        const bool lost = after != nullptr && (results_[*after].state == State::failed ||
                                               results_[*after].state == State::skipped);
        if (results_[i].state == State::waiting && lost) {
            results_[i] = {
                State::skipped,
                std::nullopt,
                "\"" + plan_.steps[*after].new_name + "\" was not made"};
        }
    }
}

bool CascadeProgress::over() const noexcept {
    return std::none_of(results_.begin(), results_.end(), [](const Result& result) {
        return result.state == State::waiting || result.state == State::running;
    });
}

namespace {

/// The threads of one cascade, and what they share.
class Crew {
  public:
    Crew(const CascadePlan& plan, const BakeStep& bake, const std::stop_token& stop)
        : plan_{plan}, bake_{bake}, stop_{stop}, progress_{plan} {}

    void work() {
        std::unique_lock lock{mutex_};
        while (!stop_.stop_requested() && !progress_.over()) {
            const auto step = progress_.start_next();
            if (!step) {
                changed_.wait(lock);
                continue;
            }
            const auto parent = progress_.parent_of(*step);
            lock.unlock();
            const auto [image, why] = attempt(plan_.steps[*step], parent);
            lock.lock();
            if (image) {
                progress_.made(*step, *image);
            } else {
                progress_.failed(*step, why);
            }
            changed_.notify_all();
        }
        changed_.notify_all();
    }

    [[nodiscard]] const std::vector<CascadeProgress::Result>& results() const {
        return progress_.results();
    }

  private:
    std::pair<std::optional<ImageId>, std::string> attempt(
        const CascadeStep& step, const ImageId& parent
    ) const {
        try {
            return {bake_(step, parent), ""};
        } catch (const std::exception& error) {
            return {std::nullopt, error.what()};
        }
    }

    const CascadePlan& plan_;
    const BakeStep& bake_;
    const std::stop_token& stop_;
    std::mutex mutex_;  ///< guards progress_
    std::condition_variable changed_;
    CascadeProgress progress_;
};

}  // namespace

std::vector<CascadeProgress::Result> run_cascade(
    const CascadePlan& plan,
    std::size_t concurrency,
    const BakeStep& bake,
    const std::stop_token& stop
) {
    Crew crew{plan, bake, stop};
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(concurrency, plan.steps.size()); ++i) {
            threads.emplace_back([&crew] { crew.work(); });
        }
    }
    os::throw_if_stopped(stop, "rebuilding");
    return crew.results();
}

}  // namespace kiln::bake
