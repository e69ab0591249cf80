#pragma once

#include <array>
#include <chrono>
#include <list>
#include <optional>

namespace kiln::net {

/// Who waits for what, and until when. Each kind of wait always lasts equally long, so whoever
/// begins one is the last of its kind to run out: a list per kind stays in order by itself, and to
/// begin, change or end a wait costs two moves of pointers. Knows no clock and no timer.
class TimeOuts {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Span = std::chrono::steady_clock::duration;

    enum class Kind { none, header, body, write, idle, parked, farewell };
    static constexpr std::size_t kKinds = 7;

    /// Somebody who waits for one thing at a time.
    class Waiter {
      public:
        Waiter() = default;
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        /// Its time is over; it waits no longer, unless it begins again.
        virtual void time_is_over(Kind kind) = 0;
        virtual ~Waiter() = default;

      private:
        friend class TimeOuts;
        std::list<Waiter*>::iterator place_;
        Kind kind_ = Kind::none;
        Time until_{};
    };

    explicit TimeOuts(const std::array<Span, kKinds>& spans) : spans_{spans} {}

    void add(Waiter& waiter);
    void remove(Waiter& waiter);

    /// In place of what it waited for so far. @returns when that is over
    Time begin(Waiter& waiter, Kind kind, Time now);
    void end(Waiter& waiter);

    /// When the next wait is over; nullopt: nobody waits.
    [[nodiscard]] std::optional<Time> next() const;

    /// Tells everybody whose time is over.
    void expire(Time now);

    /// Who waits longest for this; nullptr: nobody.
    [[nodiscard]] Waiter* longest(Kind kind) const;

  private:
    using List = std::list<Waiter*>;

    List& list(Kind kind) { return lists_[static_cast<std::size_t>(kind)]; }

    [[nodiscard]] const List& list(Kind kind) const {
        return lists_[static_cast<std::size_t>(kind)];
    }

    std::array<Span, kKinds> spans_;
    std::array<List, kKinds> lists_;
};

}  // namespace kiln::net
