#pragma once

#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "ports/clock.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace kiln::cli {

enum class Style { live, plain, quiet };

/// Shows several bakes under way on stderr: drawn again and again on a terminal, as lines that stay
/// elsewhere, or not at all. Calls may come from several threads.
class Display {
  public:
    Display(
        const Output& output, const ports::Clock& clock, Style style, std::vector<std::string> names
    );
    Display(Display&&) = delete;
    ~Display();

    void waiting(std::size_t bake, const std::string& for_what);
    void event(std::size_t bake, const BakeId& id, const ports::BakeEvent& event);
    /// The bake ended without events of its own: it was refused, or is over.
    void over(std::size_t bake, const std::string& state);

    /// Draws for the last time and says how each bake ended.
    void close();

  private:
    void draw_loop();
    void draw();
    void erase();

    const Output& output_;
    const ports::Clock& clock_;
    Style style_;

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::vector<BakeView> bakes_;
    std::size_t drawn_ = 0;  ///< lines that stand on the terminal
    std::size_t frame_ = 0;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace kiln::cli
