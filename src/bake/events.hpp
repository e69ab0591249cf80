#pragma once

#include "jail/jail.hpp"
#include "ports/bake_store.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::bake {

/// A LOG message's serialized text stays below this, so that the whole reply fits a queue's 256
/// KiB.
inline constexpr std::size_t kLogMessageBytes = std::size_t{192} << 10;
/// A line waits at most so long for others to share its message.
inline constexpr Duration kLogDelay = std::chrono::milliseconds{200};
/// What an ERROR shows of the output.
inline constexpr std::size_t kTailLines = 20;
inline constexpr std::size_t kTailBytes = 4096;

/// Makes a bake's replies: numbers them from 1 without gaps and packs output lines into LOG
/// messages. Pure: time comes in, events come out, in order. Each call returns the events that are
/// ready now.
///
/// A LOG's message is whole lines of one stream and step, joined by line breaks. Its data:
/// `stream` ("out", "err"; absent for kiln's own notes), `times` (milliseconds of each line after
/// the event's time), `continues` (true: the last line goes on in the next LOG), `lossy` (true:
/// bytes that are no UTF-8 were replaced).
class EventLog {
  public:
    using Events = std::vector<ports::BakeEvent>;

    Events accepted(json::value data, TimePoint now);
    Events line(jail::Stream stream, const os::Line& line, std::string_view step, TimePoint now);
    /// A line of kiln's own.
    Events note(std::string_view text, std::string_view step, TimePoint now);

    /// Do lines wait to be packed?
    [[nodiscard]] bool waiting() const noexcept { return pending_.has_value(); }

    /// Lines that have waited long enough.
    Events due(TimePoint now);
    Events step_began(std::string_view step, TimePoint now);
    Events step_ended(std::string_view step, Duration took, bool ok, TimePoint now);
    Events image(json::value data, std::string_view name, TimePoint now);
    Events error(json::value data, std::string_view step, std::string_view reason, TimePoint now);
    /// Exactly once, last. @pre  not called before
    Events end(ports::BakeState state, json::value result, TimePoint now);

    /// The last lines of output, at most kTailLines of them and kTailBytes in all.
    [[nodiscard]] std::vector<std::string> last_lines() const;

  private:
    struct Pending {
        std::string step;
        std::optional<jail::Stream> stream;
        TimePoint first;
        std::string text;
        std::vector<std::int64_t> times;
        std::size_t serialized = 0;
        bool continues = false;
        bool lossy = false;
    };

    ports::BakeEvent make(
        std::string_view category,
        std::string_view step,
        std::string message,
        json::value data,
        TimePoint now
    );
    void flush(Events& out);
    void add(
        Events& out,
        std::optional<jail::Stream> stream,
        std::string_view text,
        bool more,
        std::string_view step,
        TimePoint now
    );
    void remember(std::string_view text, bool starts_line);

    std::int64_t sequence_ = 0;
    bool ended_ = false;
    std::optional<Pending> pending_;
    std::deque<std::string> tail_;
    std::optional<jail::Stream> tail_open_;  ///< the newest remembered line goes on in this stream
};

}  // namespace kiln::bake
