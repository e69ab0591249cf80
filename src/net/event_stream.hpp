#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::net {

/// One server-sent event. Source: WHATWG HTML, 9.2 "Server-sent events".
struct ServerSentEvent {
    std::string id;    ///< "" where none; without line breaks
    std::string name;  ///< "" means "message"; without line breaks
    std::string data;  ///< lines separated by "\n"

    bool operator==(const ServerSentEvent&) const = default;
};

/// The event as it stands in the stream.
[[nodiscard]] std::string frame(const ServerSentEvent& event);

/// A comment, which readers pass over: it keeps the connection alive.
[[nodiscard]] std::string comment_frame(std::string_view text);

/// Takes a stream of events apart, however its bytes are cut into pieces.
class EventStreamReader {
  public:
    /// @param event_limit_bytes  of one event
    explicit EventStreamReader(std::size_t event_limit_bytes = std::size_t{4} << 20)
        : limit_{event_limit_bytes} {}

    /// The events that this piece completes.
    /// @throws Error  invalid: an event beyond the limit
    [[nodiscard]] std::vector<ServerSentEvent> feed(std::string_view piece);

  private:
    void take_line(std::string_view line, std::vector<ServerSentEvent>& out);

    std::size_t limit_;
    std::string line_;
    bool after_return_ = false;  ///< a "\n" that comes now belongs to the "\r" before it
    std::string id_;             ///< stays for the events that name none
    std::string name_;
    std::string data_;
    bool has_data_ = false;
};

}  // namespace kiln::net
