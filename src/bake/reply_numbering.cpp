#include "bake/reply_numbering.hpp"

#include <fmt/format.h>

namespace kiln::bake {

using ports::BakeEvent;

BakeEvent ReplyNumbering::number(BakeEvent event) {
    event.attempt = attempt_;
    event.sequence = ++sequence_;
    return event;
}

BakeEvent ReplyNumbering::accepted(json::object data, TimePoint now) {
    data["attempt"] = attempt_;
    std::string message = "the request is accepted";
    if (other_ != own_) {
        data["same_as"] = other_.str();
        message += "; it is the same as " + other_.str();
    }
    BakeEvent event;
    event.category = "ACCEPTED";
    event.time = now;
    event.step = "check";
    event.message = std::move(message);
    event.data = std::move(data);
    return number(std::move(event));
}

std::optional<BakeEvent> ReplyNumbering::told(BakeEvent event) {
    KILN_CHECK(!event.final);
    if (event.category == "ACCEPTED") {
        if (!std::exchange(accepted_, true)) {
            return std::nullopt;
        }
        event.category = "LOG";
        event.message = fmt::format("attempt {} of {} began", event.attempt, other_.str());
        event.data = json::object{{"times", json::array{0}}};
    }
    return number(std::move(event));
}

json::object ReplyNumbering::result(const json::value& of_other) const {
    const auto* object = of_other.if_object();
    auto result = object != nullptr ? *object : json::object{};
    result["bake"] = own_.str();
    result["attempt"] = attempt_;
    if (other_ != own_) {
        result["same_as"] = other_.str();
    }
    return result;
}

BakeEvent ReplyNumbering::end(ports::BakeState state, const json::value& of_other, TimePoint now) {
    BakeEvent event;
    event.category = "END";
    event.time = now;
    event.message = ports::to_string(state);
    event.data = result(of_other);
    event.final = true;
    return number(std::move(event));
}

}  // namespace kiln::bake
