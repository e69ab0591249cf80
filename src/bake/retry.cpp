#include "bake/baker.hpp"

#include <fmt/format.h>

namespace kiln::bake {

ports::BakeRecord Baker::retry(
    const BakeId& id, const EventSink& sink, const std::stop_token& stop
) {
    const auto record = world_.bakes.get(id);
    if (!record.ended) {
        throw Error{
            ErrorKind::conflict,
            fmt::format("bake {} is {}", id.str(), ports::to_string(record.state))};
    }
    auto request = parse_request(record.request, "/");
    request.reply_to.reset();  // whoever asked was told the end
    request.rebake = false;    // one that succeeded meanwhile is the answer
    return run(request, sink, stop);
}

}  // namespace kiln::bake
