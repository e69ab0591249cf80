#include "instances/images.hpp"

#include "instances/tests/fake_world.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ports::testing::kind_of;
using testing::image;

/// Newest by creation is c, last by name is b.
std::vector<ports::Image> images() {
    auto a = image("ami-a", "web", 1);
    auto b = image("ami-b", "web", 2);
    b.name = "zzz";
    auto c = image("ami-c", "web", 3);
    auto pending = image("ami-p", "web", 9);
    pending.state = ports::ImageState::pending;
    return {a, b, c, pending, image("ami-d", "db", 8), image("ami-e", "", 9)};
}

struct Row {
    std::string name, id, role;
    ActiveImages active;
    std::string image;  ///< "": refused
    ErrorKind kind = ErrorKind::internal;
};

class ResolveRow : public ::testing::TestWithParam<Row> {};

TEST_P(ResolveRow, FindsTheImageOrSaysWhyNot) {
    const auto& row = GetParam();
    const auto resolve = [&] { return resolve_image(row.id, row.role, images(), row.active); };
    if (row.image.empty()) {
        EXPECT_EQ(kind_of([&] { (void)resolve(); }), row.kind);
    } else {
        EXPECT_EQ(resolve(), row.image);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    ResolveRow,
    ::testing::Values(
        Row{"GivenId", "ami-a", "web", {{"web", "ami-b"}}, "ami-a"},
        Row{"GivenIdOfNoRole", "ami-e", "web", {}, "ami-e"},
        Row{"WrongId", "ami-x", "web", {{"web", "ami-b"}}, "", ErrorKind::not_found},
        Row{"PendingId", "ami-p", "web", {}, "", ErrorKind::conflict},
        Row{"Active", "", "web", {{"web", "ami-b"}, {"db", "ami-d"}}, "ami-b"},
        Row{"ActiveIsGone", "", "web", {{"web", "ami-x"}}, "", ErrorKind::not_found},
        Row{"NewestByCreation", "", "web", {{"db", "ami-d"}}, "ami-c"},
        Row{"NoneOfTheRole", "", "mail", {}, "", ErrorKind::not_found}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(RoleImages, AreListedByRoleNewestFirstWithTheirMark) {
    std::vector<std::string> lines;
    for (const auto& one : role_images(images(), {{"web", "ami-b"}, {"db", "ami-b"}})) {
        lines.push_back(one.role + " " + one.id + (one.active ? " active" : ""));
    }
    EXPECT_THAT(
        lines,
        ::testing::ElementsAre(
            "db ami-d", "web ami-p", "web ami-c", "web ami-b active", "web ami-a"
        )
    );
}

TEST(ImageCatalog, ActivatesOneOfARoleInPlaceOfTheOther) {
    ports::testing::FakeImages cloud;
    ports::testing::MemoryInstanceBuilds store;
    cloud.images = images();
    ImageCatalog catalog{cloud, store};
    EXPECT_TRUE(catalog.activate("ami-a", std::nullopt).active);
    EXPECT_TRUE(catalog.activate("ami-b", "web").active);
    const auto active = catalog.list({.active = true}).images;
    ASSERT_EQ(active.size(), 1U);
    EXPECT_EQ(active[0].id, "ami-b");
    EXPECT_EQ(catalog.resolve("", "web"), "ami-b");
}

/// A cloud's images, when it answers.
struct MoodyImages final : ports::Images {
    ports::Image register_image(const ports::ImageSpec&) override { return {}; }

    std::vector<ports::Image> describe(const ports::ImageFilter&) override {
        if (failure) {
            throw Error{*failure, "no answer"};
        }
        return images();
    }

    void deregister(const ImageId&) override {}

    void share(const ImageId&, const std::vector<std::string>&, const std::vector<std::string>&)
        override {}

    void rename(const ImageId&, const std::string&) override {}

    std::optional<ErrorKind> failure;
};

TEST(ImageCatalog, KeepsItsViewWhileTheCloudDoesNotAnswer) {
    MoodyImages cloud;
    ports::testing::MemoryInstanceBuilds store;
    ImageCatalog catalog{cloud, store};
    EXPECT_TRUE(catalog.list({}).stale);
    catalog.sync();
    EXPECT_FALSE(catalog.list({}).stale);
    cloud.failure = ErrorKind::unavailable;
    catalog.sync();
    EXPECT_TRUE(catalog.list({}).stale);
    EXPECT_EQ(catalog.list({.role = "web"}).images.size(), 4U);
    cloud.failure = ErrorKind::denied;
    EXPECT_EQ(kind_of([&] { catalog.sync(); }), ErrorKind::denied);
}

TEST(ImageCatalog, RefusesToActivateWhatCannotBe) {
    ports::testing::FakeImages cloud;
    ports::testing::MemoryInstanceBuilds store;
    cloud.images = images();
    ImageCatalog catalog{cloud, store};
    EXPECT_EQ(kind_of([&] { catalog.activate("ami-x", {}); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { catalog.activate("ami-e", {}); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { catalog.activate("ami-a", "db"); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { catalog.activate("ami-p", {}); }), ErrorKind::conflict);
    EXPECT_TRUE(store.active_images().empty());
}

}  // namespace
}  // namespace kiln::instances
