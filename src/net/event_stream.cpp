#include "net/event_stream.hpp"

#include "base/error.hpp"

namespace kiln::net {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view without_breaks(std::string_view text) {
    return text.substr(0, text.find_first_of("\r\n"));
}

}  // namespace

std::string frame(const ServerSentEvent& event) {
    std::string text;
    if (!event.id.empty()) {
        text.append("id: ").append(without_breaks(event.id)).append("\n");
    }
    if (!event.name.empty()) {
        text.append("event: ").append(without_breaks(event.name)).append("\n");
    }
    std::string_view rest = event.data;
    for (;;) {
        const auto end = rest.find_first_of("\r\n");
        text.append("data: ").append(rest.substr(0, end)).append("\n");
        if (end == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(rest.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
    }
    return text + "\n";
}

std::string comment_frame(std::string_view text) {
    return ":" + std::string{without_breaks(text)} + "\n\n";
}

std::vector<ServerSentEvent> EventStreamReader::feed(std::string_view piece) {
    std::vector<ServerSentEvent> events;
    while (!piece.empty()) {
        if (after_return_ && piece.front() == '\n') {
            piece.remove_prefix(1);
        }
        after_return_ = false;
        const auto end = piece.find_first_of("\r\n");
        line_.append(piece.substr(0, end));
        if (line_.size() + data_.size() > limit_) {
            throw Error{ErrorKind::invalid, "a server-sent event is too long"};
        }
        if (end == std::string_view::npos) {
            break;
        }
        after_return_ = piece[end] == '\r';
        piece.remove_prefix(end + 1);
        take_line(line_, events);
        line_.clear();
    }
    return events;
}

void EventStreamReader::take_line(std::string_view line, std::vector<ServerSentEvent>& out) {
    if (line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
    }
    if (line.empty()) {
        if (has_data_) {
            out.push_back({id_, std::move(name_), std::move(data_)});
        }
        name_.clear();
        data_.clear();
        has_data_ = false;
        return;
    }
    const auto colon = line.find(':');
    const auto field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    if (field == "data") {
        data_.append(has_data_ ? "\n" : "").append(value);
        has_data_ = true;
    } else if (field == "event") {
        name_ = value;
    } else if (field == "id" && value.find('\0') == std::string_view::npos) {
        id_ = value;
    }
}

}  // namespace kiln::net
