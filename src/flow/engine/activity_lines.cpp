#include "flow/engine/activity_lines.hpp"

namespace kiln::flow {

ActivityLine& ActivityLines::at(const std::string& arn) {
    auto& line = lines_[arn];
    line.arn = arn;
    return line;
}

void ActivityLines::add(ActivityLine& line, const WaitingTask& task) {
    line.tasks.insert(task);
    if (!line.polls.empty()) {
        matching_.insert(&line);
    }
}

void ActivityLines::remove(ActivityLine& line, const WaitingTask& task) {
    line.tasks.erase(task);
}

void ActivityLines::park(const std::string& arn, Poll poll) {
    auto& line = at(arn);
    const auto ticket = poll.ticket;
    deadlines_.emplace(poll.until, ticket);
    line.polls.push_back(std::move(poll));
    places_[ticket] = {&line, std::prev(line.polls.end())};
    if (!line.tasks.empty()) {
        matching_.insert(&line);
    }
}

std::optional<Poll> ActivityLines::unpark(PollTicket ticket) {
    const auto found = places_.find(ticket);
    if (found == places_.end()) {
        return std::nullopt;
    }
    auto [line, at] = found->second;
    places_.erase(found);
    auto poll = std::move(*at);
    line->polls.erase(at);
    deadlines_.erase({poll.until, ticket});
    return poll;
}

Poll ActivityLines::next_poll(ActivityLine& line) {
    return *unpark(line.polls.front().ticket);
}

std::optional<std::pair<TimePoint, PollTicket>> ActivityLines::first_deadline() const {
    return deadlines_.empty() ? std::nullopt : std::optional{*deadlines_.begin()};
}

std::optional<PollTicket> ActivityLines::any_poll() const {
    return places_.empty() ? std::nullopt : std::optional{places_.begin()->first};
}

ActivityLine* ActivityLines::next_match() {
    while (!matching_.empty()) {
        auto* const line = *matching_.begin();
        if (!line->tasks.empty() && !line->polls.empty()) {
            return line;
        }
        matching_.erase(line);
        tidy(line->arn);
    }
    return nullptr;
}

void ActivityLines::tidy(const std::string& arn) {
    const auto found = lines_.find(arn);
    if (found != lines_.end() && found->second.tasks.empty() && found->second.polls.empty()) {
        matching_.erase(&found->second);
        lines_.erase(found);
    }
}

}  // namespace kiln::flow
