#include "local/flatten.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::local {

namespace {

LayerId numbered(int n) {
    return LayerId::trusted("lay-" + std::to_string(n));
}

/// Layers 1 … `depth`, each on the one before, all frozen.
std::vector<ports::Layer> chain(int depth) {
    std::vector<ports::Layer> layers;
    for (int n = 1; n <= depth; ++n) {
        ports::Layer layer;
        layer.id = numbered(n);
        layer.backing = n == 1 ? std::nullopt : std::optional{numbered(n - 1)};
        layer.frozen = true;
        layer.depth = static_cast<std::size_t>(n);
        layers.push_back(layer);
    }
    return layers;
}

TEST(FlattenChoice, LeavesChainsUpToTheLimit) {
    EXPECT_THAT(choose_layers_to_flatten(chain(16), {numbered(16)}, 16), testing::IsEmpty());
    EXPECT_THAT(
        choose_layers_to_flatten(chain(17), {numbered(17)}, 16), testing::ElementsAre(numbered(17))
    );
}

TEST(FlattenChoice, LeavesLayersThatNoImageStandsOn) {
    EXPECT_THAT(choose_layers_to_flatten(chain(40), {}, 16), testing::IsEmpty());
    EXPECT_THAT(choose_layers_to_flatten(chain(40), {numbered(3)}, 16), testing::IsEmpty());
}

TEST(FlattenChoice, LeavesLayersThatAreWrittenTo) {
    auto layers = chain(20);
    layers.back().frozen = false;
    EXPECT_THAT(choose_layers_to_flatten(layers, {numbered(20)}, 16), testing::IsEmpty());
}

TEST(FlattenChoice, TakesTheLowestFirstAndSparesThoseThatAreShallowAfterIt) {
    // 20 on the bottom makes 30 one of depth 12, and 37 one of depth 19.
    EXPECT_THAT(
        choose_layers_to_flatten(chain(40), {numbered(37), numbered(30), numbered(20)}, 16),
        testing::ElementsAre(numbered(20), numbered(37))
    );
}

TEST(FlattenChoice, NeverTakesALayerThatStandsOnTheBottom) {
    EXPECT_THAT(choose_layers_to_flatten(chain(2), {numbered(2)}, 1), testing::IsEmpty());
}

}  // namespace

}  // namespace kiln::local
