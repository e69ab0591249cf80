#include "bake/bake_run.hpp"
#include "bake/baker.hpp"
#include "bake/scratch.hpp"

#include <fmt/format.h>

namespace kiln::bake {

std::vector<inspect::FileChange> Baker::verify(
    const ImageId& image, const EventSink& sink, const std::stop_token& stop
) {
    ports::ImageFilter filter;
    filter.ids = {image};
    const auto first = world_.cloud.images.describe(filter).at(0);
    if (!first.bake) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "image {} was not made by a bake: there is nothing to repeat", image.str()
            )};
    }
    auto request = parse_request(world_.bakes.get(*first.bake).request, "/");
    request.reply_to.reset();
    request.name = fmt::format("verify-{}", image.str());
    request.parent = {.id = first.parent, .name = std::nullopt, .queries = {}};
    request.checkpoints = false;
    request.rebake = true;
    request.boot_test = false;
    request.share_with.clear();

    std::vector<inspect::FileChange> differences;
    const auto compare = [&](BakeRun& run) {
        using Access = Scratch::Access;
        const auto& again = run.snapshot->id;
        const Scratch a{world_, first.root_snapshot, Access::read_only, stop, run.deadline};
        const Scratch b{world_, again, Access::read_only, stop, run.deadline};
        inspect::TreeDiffOptions options;
        options.ignore = inspect::unreproducible_paths();
        inspect::diff_trees(
            a.root(),
            b.root(),
            options,
            [&](inspect::FileChange change) { differences.push_back(std::move(change)); },
            stop
        );
    };
    const auto record = execute(request, nullptr, sink, stop, compare);
    if (record.state != ports::BakeState::succeeded) {
        throw Error{ErrorKind::internal, fmt::format("the second bake failed: {}", record.id.str())}
            .hint(fmt::format("kiln bake logs {}", record.id.str()));
    }
    return differences;
}

}  // namespace kiln::bake
