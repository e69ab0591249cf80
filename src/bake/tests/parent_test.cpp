#include "bake/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::bake {

namespace {

using ports::Image;
using ::testing::HasSubstr;
using ::testing::Not;
using Hits = std::vector<std::vector<Image>>;

Image image(const std::string& name, int day) {
    Image made;
    made.id = ImageId::random();
    made.name = name;
    made.architecture = "x86_64";
    made.owner = "self";
    made.state = ports::ImageState::available;
    made.root_snapshot = SnapshotId::random();
    made.size = Bytes{std::uint64_t{8} << 30};
    made.created = TimePoint{std::chrono::days{20'000 + day}};
    return made;
}

Parent queries(std::size_t count) {
    Parent parent;
    for (std::size_t i = 0; i < count; ++i) {
        parent.queries.push_back({.names = {"asked-" + std::to_string(i)}});
    }
    return parent;
}

Error failure(const Parent& parent, const Hits& hits) {
    try {
        (void)choose_parent(parent, hits);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no error";
    return Error{ErrorKind::internal, ""};
}

TEST(ParentById, IsThatImageOrNone) {
    const auto old = image("web@1", 1);
    const auto young = image("web@2", 2);
    EXPECT_EQ(choose_parent({.id = old.id}, {{young, old}}).id, old.id);
    const auto error = failure({.id = ImageId::random()}, {{young, old}});
    EXPECT_EQ(error.kind(), ErrorKind::not_found) << "never the newest instead";
    EXPECT_EQ(failure({.id = old.id}, {{}}).kind(), ErrorKind::not_found);
}

TEST(ParentByName, IsExact) {
    const auto debian = image("debian-12", 1);
    EXPECT_EQ(
        choose_parent({.name = "debian-12"}, {{image("debian-1*", 2), debian}}).id, debian.id
    );
    EXPECT_EQ(failure({.name = "debian-*"}, {{debian}}).kind(), ErrorKind::not_found);
    const auto error = failure({.name = "debain-12"}, {{debian}});
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_THAT(error.message(), HasSubstr("did you mean \"debian-12\""));
}

TEST(ParentQueries, FirstWithAHitDecides) {
    const auto branch = image("web@branch@1", 1);
    const auto main = image("web@main@9", 9);
    EXPECT_EQ(choose_parent(queries(2), {{branch}, {main}}).id, branch.id) << "though it is older";
    EXPECT_EQ(choose_parent(queries(2), {{}, {main}}).id, main.id);
}

TEST(ParentQueries, WithoutAHitSayWhatWasAsked) {
    const auto error = failure(queries(2), {{}, {}});
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_THAT(error.message(), HasSubstr(R"({"name":["asked-0"]})"));
    EXPECT_THAT(error.message(), HasSubstr(R"({"name":["asked-1"]})"));
}

TEST(ParentQueries, VersionsOfOneImageGiveTheNewest) {
    auto first = image("web@main@1", 1);
    auto third = image("web@main@3", 3);
    auto second = image("web@main@2", 2);
    first.tags = {{"a", "b"}};
    first.parent = ImageId::random();
    second.bake_key = "x";
    second.shared_with = {"111122223333"};
    EXPECT_EQ(choose_parent(queries(1), {{first, third, second}}).id, third.id);
}

TEST(ParentQueries, UnlikeHitsAreListed) {
    using Change = void (*)(Image&);
    for (const auto& [what, change] : {
             std::pair<const char*, Change>{
                 "architecture", [](Image& i) { i.architecture = "arm64"; }},
             {"owner", [](Image& i) { i.owner = "111122223333"; }},
             {"description", [](Image& i) { i.description = "another thing"; }},
             {"size", [](Image& i) { i.size = Bytes{1U << 30}; }},
         }) {
        const auto one = image("one", 1);
        auto other = image("other", 2);
        change(other);
        const auto error = failure(queries(1), {{one, other}});
        EXPECT_EQ(error.kind(), ErrorKind::invalid) << what;
        for (const auto& listed : {one, other}) {
            EXPECT_THAT(error.message(), HasSubstr(listed.id.str())) << what;
            EXPECT_THAT(error.message(), HasSubstr("'" + listed.name + "'")) << what;
        }
        EXPECT_THAT(error.message(), HasSubstr("2024-10-")) << what;
    }
}

TEST(ParentQueries, ManyCandidatesAreCounted) {
    Hits hits(1);
    for (int i = 0; i < 50; ++i) {
        hits[0].push_back(image("i" + std::to_string(i), i));
        hits[0].back().description = std::to_string(i);
    }
    const auto error = failure(queries(1), hits);
    EXPECT_THAT(error.message(), HasSubstr("and 30 more"));
    EXPECT_THAT(error.message(), HasSubstr("'i49'"));
    EXPECT_THAT(error.message(), Not(HasSubstr("'i1'")));
}

TEST(ParentQueries, ImageThatIsNotReadyStandsBack) {
    const auto ready = image("web@1", 1);
    auto pending = image("web@2", 2);
    pending.state = ports::ImageState::pending;
    EXPECT_EQ(choose_parent(queries(1), {{ready, pending}}).id, ready.id);
    EXPECT_EQ(choose_parent(queries(1), {{pending}}).id, pending.id) << "the only one there is";
}

}  // namespace

}  // namespace kiln::bake
