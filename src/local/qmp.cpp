#include "local/qmp.hpp"

#include "os/interrupt.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace kiln::local {

namespace {

constexpr std::size_t kLongestMessage = std::size_t{16} << 20;

[[noreturn]] void gone() {
    throw Error{ErrorKind::unavailable, "the monitor's connection is closed"};
}

}  // namespace

ErrorKind qmp_error_kind(std::string_view description) noexcept {
    struct Row {
        std::string_view words;
        ErrorKind kind;
    };

    static constexpr std::array<Row, 8> kRows{{
        {"No space left on device", ErrorKind::exhausted},
        {"Cannot allocate memory", ErrorKind::exhausted},
        {"Too many open files", ErrorKind::exhausted},
        {"lock", ErrorKind::conflict},  // Failed to get "write" lock
        {"Permission denied", ErrorKind::denied},
        {"Operation not permitted", ErrorKind::denied},
        {"No such file or directory", ErrorKind::not_found},
        {"Image is corrupt", ErrorKind::corrupt},
    }};
    for (const Row& row : kRows) {
        if (description.find(row.words) != std::string_view::npos) {
            return row.kind;
        }
    }
    return ErrorKind::internal;
}

json::value Qmp::execute(
    std::string_view command, const json::object& arguments, Deadline deadline
) {
    greet(deadline);
    json::object message{{"execute", command}, {"id", ++last_id_}};
    if (!arguments.empty()) {
        message["arguments"] = arguments;
    }
    send(message, deadline);
    return answer(command, deadline);
}

json::object Qmp::wait_event(std::string_view name, Deadline deadline) {
    greet(deadline);
    std::size_t seen = 0;
    while (true) {
        for (; seen < events_.size(); ++seen) {
            if (events_[seen].at("event").as_string() == name) {
                json::object found = std::move(events_[seen]);
                events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(seen));
                return found;
            }
        }
        json::object message = receive(deadline);
        if (message.contains("event")) {
            events_.push_back(std::move(message));
        }
    }
}

void Qmp::poll() {
    while (os::wait_ready(socket_.get(), POLLIN, nullptr, Deadline::after({})) == os::Ready::yes) {
        if (!read_more()) {
            break;  // closed: what came before is still to be taken in
        }
    }
    while (greeted_) {
        auto message = next_message();
        if (!message) {
            return;
        }
        if (message->contains("event")) {
            events_.push_back(std::move(*message));
        }
    }
}

void Qmp::greet(Deadline deadline) {
    if (greeted_) {
        return;
    }
    if (!receive(deadline).contains("QMP")) {
        throw Error{ErrorKind::internal, "the monitor did not greet as a QMP monitor does"};
    }
    greeted_ = true;
    send({{"execute", "qmp_capabilities"}, {"id", ++last_id_}}, deadline);
    (void)answer("qmp_capabilities", deadline);
}

void Qmp::send(const json::object& message, Deadline deadline) {
    const std::string line = json::serialize(message) + "\n";
    std::size_t done = 0;
    while (done < line.size()) {
        if (os::wait_ready(socket_.get(), POLLOUT, nullptr, deadline) != os::Ready::yes) {
            throw Error{ErrorKind::timed_out, "the monitor takes no command"};
        }
        const auto n = ::send(
            socket_.get(), line.data() + done, line.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT
        );
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            if (errno == EPIPE || errno == ECONNRESET) {
                gone();
            }
            throw_errno("send a monitor command");
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
}

json::value Qmp::answer(std::string_view command, Deadline deadline) {
    while (true) {
        json::object message = receive(deadline);
        if (message.contains("event")) {
            events_.push_back(std::move(message));
        } else if (const json::value* id = message.if_contains("id");
                   id != nullptr && *id != last_id_) {
            continue;  // the late answer to a command that timed out
        } else if (const json::value* error = message.if_contains("error")) {
            const auto& object = error->as_object();
            const json::value* text = object.if_contains("desc");
            const std::string why{text == nullptr ? "unknown error" : text->as_string().c_str()};
            throw Error{qmp_error_kind(why), std::string{command} + ": " + why};
        } else if (json::value* result = message.if_contains("return")) {
            return std::move(*result);
        }
    }
}

json::object Qmp::receive(Deadline deadline) {
    while (true) {
        if (auto message = next_message()) {
            return std::move(*message);
        }
        if (os::wait_ready(socket_.get(), POLLIN, nullptr, deadline) != os::Ready::yes) {
            throw Error{ErrorKind::timed_out, "the monitor does not answer"};
        }
        if (!read_more()) {
            gone();
        }
    }
}

bool Qmp::read_more() {
    std::array<char, 16384> buffer;
    const auto n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) {
        pending_.append(buffer.data(), static_cast<std::size_t>(n));
        if (pending_.size() > kLongestMessage) {
            throw Error{ErrorKind::internal, "the monitor's answer is too long"};
        }
        return true;
    }
    return n < 0 && (errno == EINTR || errno == EAGAIN);
}

std::optional<json::object> Qmp::next_message() {
    const auto end = pending_.find('\n');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    const json::value value = parse_json(std::string_view{pending_}.substr(0, end));
    pending_.erase(0, end + 1);
    if (!value.is_object()) {
        throw Error{ErrorKind::internal, "the monitor sent what is no JSON object"};
    }
    return value.as_object();
}

}  // namespace kiln::local
