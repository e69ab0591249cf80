#include "bake/baker.hpp"

#include <fmt/format.h>

namespace kiln::bake {

ports::BakeRecord Baker::retry(
    const BakeId& id, const EventSink& sink, const std::stop_token& stop
) {
    const auto record = world_.bakes.get(id);
    if (record.state == ports::BakeState::running) {
        throw Error{ErrorKind::conflict, fmt::format("bake {} is running", id.str())};
    }
    auto request = parse_request(record.request, "/");
    request.rebake = false;  // one that succeeded meanwhile is the answer
    return run(request, sink, stop);
}

}  // namespace kiln::bake
