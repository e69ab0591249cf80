#include "bake/events.hpp"

#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::bake {

using ports::BakeEvent;

BakeEvent EventLog::make(
    std::string_view category,
    std::string_view step,
    std::string message,
    json::value data,
    TimePoint now
) {
    KILN_CHECK(!ended_);
    BakeEvent event;
    event.sequence = ++sequence_;
    event.category = category;
    event.time = now;
    event.step = step;
    event.message = std::move(message);
    event.data = std::move(data);
    return event;
}

void EventLog::flush(Events& out) {
    if (!pending_) {
        return;
    }
    json::object data;
    if (pending_->stream) {
        data["stream"] = *pending_->stream == jail::Stream::out ? "out" : "err";
    }
    data["times"] = json::value_from(pending_->times);
    if (pending_->continues) {
        data["continues"] = true;
    }
    if (pending_->lossy) {
        data["lossy"] = true;
    }
    out.push_back(
        make("LOG", pending_->step, std::move(pending_->text), std::move(data), pending_->first)
    );
    pending_.reset();
}

namespace {

/// What a line adds to the serialized message: its escaped text, the break, its time.
std::size_t serialized_size(std::string_view text) {
    constexpr std::size_t kTimeAndBreak = 16;
    return json::serialize(json::string_view{text}).size() + kTimeAndBreak;
}

/// Even if every byte of it is escaped to six, a piece of this size fits a message.
constexpr std::size_t kPiece = kLogMessageBytes / 8;

/// How much of a line's rest goes into one message: all that fits, as a rule.
std::size_t piece_length(std::string_view rest) {
    const auto large = utf8_floor(rest, kLogMessageBytes - (std::size_t{1} << 10));
    return serialized_size(rest.substr(0, large)) <= kLogMessageBytes ? large
                                                                      : utf8_floor(rest, kPiece);
}

}  // namespace

void EventLog::add(
    Events& out,
    std::optional<jail::Stream> stream,
    std::string_view text,
    bool more,
    std::string_view step,
    TimePoint now
) {
    KILN_CHECK(!ended_);
    const auto size = serialized_size(text);
    const bool other = pending_ && (pending_->step != step || pending_->stream != stream ||
                                    pending_->serialized + size > kLogMessageBytes);
    if (other || (pending_ && pending_->continues)) {
        flush(out);
    }
    if (!pending_) {
        pending_.emplace();
        pending_->step = step;
        pending_->stream = stream;
        pending_->first = now;
    }
    if (!pending_->times.empty()) {
        pending_->text += '\n';
    }
    pending_->text += text;
    pending_->serialized += size;
    pending_->continues = more;
    const auto after = std::max(now - pending_->first, Duration{0});  // a clock may be set back
    pending_->times.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(after).count());
}

void EventLog::remember(std::string_view text, bool starts_line) {
    if (starts_line || tail_.empty()) {
        tail_.emplace_back();
    }
    auto& line = tail_.back();
    line += text;
    if (line.size() > kTailBytes) {
        line.erase(0, line.size() - kTailBytes);
    }
    while (tail_.size() > kTailLines) {
        tail_.pop_front();
    }
}

EventLog::Events EventLog::line(
    jail::Stream stream, const os::Line& line, std::string_view step, TimePoint now
) {
    Events out;
    const bool clean = is_utf8(line.text) && line.text.find('\0') == std::string_view::npos;
    const auto text = clean ? std::string{line.text} : to_utf8(line.text);
    remember(text, tail_open_ != stream);
    tail_open_ = line.more ? std::optional{stream} : std::nullopt;
    std::string_view rest = text;
    do {
        const auto length = piece_length(rest);
        const bool more = length < rest.size() || line.more;
        add(out, stream, rest.substr(0, length), more, step, now);
        pending_->lossy = pending_->lossy || !clean;
        rest.remove_prefix(length);
    } while (!rest.empty());
    return out;
}

EventLog::Events EventLog::note(std::string_view text, std::string_view step, TimePoint now) {
    Events out;
    const auto clean = to_utf8(text.substr(0, kPiece));
    add(out, std::nullopt, clean, false, step, now);
    flush(out);
    return out;
}

EventLog::Events EventLog::due(TimePoint now) {
    Events out;
    if (pending_ && now - pending_->first >= kLogDelay) {
        flush(out);
    }
    return out;
}

EventLog::Events EventLog::accepted(json::value data, TimePoint now) {
    Events out;
    flush(out);
    out.push_back(make("ACCEPTED", "check", "the request is accepted", std::move(data), now));
    return out;
}

EventLog::Events EventLog::step_began(std::string_view step, TimePoint now) {
    Events out;
    flush(out);
    out.push_back(make("STEP", step, fmt::format("{} began", step), {{"state", "began"}}, now));
    return out;
}

EventLog::Events EventLog::step_ended(
    std::string_view step, Duration took, bool ok, TimePoint now
) {
    Events out;
    flush(out);
    const std::string_view state = ok ? "ended" : "failed";
    out.push_back(make(
        "STEP",
        step,
        fmt::format("{} {} after {}", step, state, humanize(took)),
        {{"state", state}, {"seconds", seconds_of(took)}},
        now
    ));
    return out;
}

EventLog::Events EventLog::image(json::value data, std::string_view name, TimePoint now) {
    Events out;
    flush(out);
    out.push_back(make("IMAGE", "register", std::string{name}, std::move(data), now));
    return out;
}

EventLog::Events EventLog::error(
    json::value data, std::string_view step, std::string_view reason, TimePoint now
) {
    Events out;
    flush(out);
    out.push_back(make("ERROR", step, to_utf8(reason), std::move(data), now));
    return out;
}

EventLog::Events EventLog::end(ports::BakeState state, json::value result, TimePoint now) {
    Events out;
    flush(out);
    out.push_back(make("END", "", std::string{ports::to_string(state)}, std::move(result), now));
    out.back().final = true;
    ended_ = true;
    return out;
}

std::vector<std::string> EventLog::last_lines() const {
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    for (auto line = tail_.rbegin(); line != tail_.rend(); ++line) {
        bytes += line->size() + 1;
        if (bytes > kTailBytes && !lines.empty()) {
            break;
        }
        lines.push_back(to_utf8(*line));  // a cut may have split a character
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace kiln::bake
