#include "bake/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::bake {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const char* const kSmallest =
    R"({"name": "web", "parent": {"name": "debian-12"}, "bootstrap": {"commands": ["true"]}})";

const char* const kFull = R"({
    "name": "web@main@42", "description": "caf\u00e9",
    "parent": {"queries": [
        {"name": ["web@branch@*"], "tag:team": "web", "tag-key": ["a", "b"]},
        {"owner": "self", "architecture": "x86_64", "state": "available", "image-id": "ami-0123456789abcdef0"}
    ]},
    "bootstrap": {
        "source": "https://user:pass@example.org/web.tar.gz?token=t#sha256=0000000000000000000000000000000000000000000000000000000000000000",
        "commands": ["./install.sh --prod", {"run": "./smoke-test.sh", "always": true}],
        "environment": {"VERSION": "42", "A_1": ""}, "network": "none",
        "limits": {"memory_bytes": 2147483648, "processes": 1, "seconds": 1800, "idle_seconds": 60}
    },
    "volume": {"size_gib": 8}, "tags": {"team": "web", "b": ""},
    "share_with": ["444455556666", "111122223333"],
    "logs": {"destination": "file:///srv/logs/", "files": ["/var/log/install.log"]},
    "deadline_seconds": 600, "keep_on_failure": true, "rebake": true, "checkpoints": false,
    "boot_test": true, "boot_marker": "login:", "keep": ["random-seed", "machine-id"]
})";

Request parsed(const std::string& text, const std::filesystem::path& base = "/base") {
    return parse_request(parse_json(text), base);
}

Request with_source(const std::string& source, const std::filesystem::path& base = "/base/sub") {
    auto document = parse_json(kSmallest);
    document.at("bootstrap").as_object()["source"] = source;
    return parse_request(document, base);
}

TEST(Request, SmallestHasTheDefaults) {
    const auto request = parsed(kSmallest);
    EXPECT_EQ(request.source.kind, Source::Kind::none);
    EXPECT_EQ(request.network, NetworkPolicy::host);
    EXPECT_EQ(request.limits.memory, std::nullopt);
    EXPECT_EQ(request.limits.processes, 4096U);
    EXPECT_EQ(request.limits.time, std::chrono::hours{1});
    EXPECT_EQ(request.deadline, std::chrono::hours{1});
    EXPECT_TRUE(request.checkpoints);
    EXPECT_FALSE(request.rebake);
    EXPECT_EQ(request.size, std::nullopt);
    EXPECT_TRUE(request.keep.empty());
}

TEST(Request, EveryFieldIsRead) {
    const auto request = parsed(kFull);
    EXPECT_EQ(request.name, "web@main@42");
    ASSERT_EQ(request.parent.queries.size(), 2U);
    EXPECT_THAT(request.parent.queries[0].names, ElementsAre("web@branch@*"));
    EXPECT_THAT(request.parent.queries[0].tags.at("team"), ElementsAre("web"));
    EXPECT_THAT(request.parent.queries[0].tag_keys, ElementsAre("a", "b"));
    EXPECT_THAT(request.parent.queries[1].owners, ElementsAre("self"));
    EXPECT_THAT(request.parent.queries[1].architectures, ElementsAre("x86_64"));
    EXPECT_THAT(request.parent.queries[1].states, ElementsAre("available"));
    EXPECT_EQ(request.parent.queries[1].ids.at(0).str(), "ami-0123456789abcdef0");
    EXPECT_EQ(request.source.kind, Source::Kind::url);
    EXPECT_EQ(request.source.location, "https://user:pass@example.org/web.tar.gz?token=t");
    EXPECT_EQ(request.source.sha256, std::string(64, '0'));
    ASSERT_EQ(request.commands.size(), 2U);
    EXPECT_EQ(request.commands[0].run, "./install.sh --prod");
    EXPECT_FALSE(request.commands[0].always);
    EXPECT_TRUE(request.commands[1].always);
    EXPECT_THAT(request.environment, ElementsAre(std::pair{"A_1", ""}, std::pair{"VERSION", "42"}));
    EXPECT_EQ(request.network, NetworkPolicy::none);
    EXPECT_EQ(request.limits.memory, (Bytes{std::uint64_t{2} << 30}));
    EXPECT_EQ(request.limits.processes, 1U);
    EXPECT_EQ(request.limits.time, std::chrono::seconds{1800});
    EXPECT_EQ(request.limits.idle, std::chrono::seconds{60});
    EXPECT_EQ(request.size, (Bytes{std::uint64_t{8} << 30}));
    EXPECT_EQ(request.tags.at("team"), "web");
    EXPECT_THAT(request.share_with, ElementsAre("444455556666", "111122223333"));
    EXPECT_EQ(request.logs_destination, "/srv/logs/");
    EXPECT_THAT(request.log_files, ElementsAre("/var/log/install.log"));
    EXPECT_EQ(request.deadline, std::chrono::minutes{10});
    EXPECT_TRUE(request.keep_on_failure);
    EXPECT_TRUE(request.rebake);
    EXPECT_FALSE(request.checkpoints);
    EXPECT_TRUE(request.boot_test);
    EXPECT_EQ(request.boot_marker, "login:");
    EXPECT_THAT(request.keep, ElementsAre(Reset::machine_id, Reset::random_seed));
}

TEST(Request, ItsJsonReadsBackUnchanged) {
    for (const auto* text : {kSmallest, kFull}) {
        const auto shown = to_json(parsed(text));
        EXPECT_EQ(to_json(parse_request(shown, "/elsewhere")), shown);
        const auto reread = parse_json(json::serialize(shown));
        EXPECT_EQ(to_json(parse_request(reread, "/")), shown);
    }
}

TEST(Request, ItsJsonNamesEveryDefault) {
    const auto shown = to_json(parsed(kSmallest));
    EXPECT_EQ(shown.at("deadline_seconds"), 3600);
    EXPECT_EQ(shown.at("checkpoints"), true);
    EXPECT_EQ(shown.at("bootstrap").at("network"), "host");
    EXPECT_EQ(shown.at("bootstrap").at("limits").at("processes"), 4096);
    EXPECT_EQ(shown.at("bootstrap").at("limits").at("idle_seconds"), 900);
    EXPECT_TRUE(shown.at("volume").at("size_gib").is_null());
    EXPECT_TRUE(shown.at("reply_to").is_null());
}

TEST(Request, AReplyQueueIsUnderstoodWhateverItsForm) {
    auto document = json::object{
        {"name", "web"},
        {"parent", {{"name", "base"}}},
        {"bootstrap", {{"commands", json::array{"true"}}}},
        {"reply_to", "web-42-replies"}};
    EXPECT_EQ(parse_request(document, "/").reply_to, "kiln:web-42-replies");
    document["reply_to"] = "redis://u:secret@host/0#replies";
    const auto request = parse_request(document, "/");
    EXPECT_EQ(request.reply_to, "redis://u:secret@host/0#replies");
    EXPECT_EQ(parse_request(to_json(request), "/").reply_to, request.reply_to);
    EXPECT_EQ(to_shown_json(request).at("reply_to"), "redis://host/0#replies");
}

TEST(Request, ShownJsonHasNoSecrets) {
    const auto text = json::serialize(to_shown_json(parsed(kFull)));
    EXPECT_THAT(text, Not(HasSubstr("pass")));
    EXPECT_THAT(text, Not(HasSubstr("token")));
    EXPECT_THAT(text, Not(HasSubstr("\"42\"")));
    EXPECT_THAT(text, HasSubstr("\"VERSION\":\"***\""));
    EXPECT_THAT(text, HasSubstr("https://example.org/web.tar.gz#sha256=0"));
}

TEST(Request, WholeNumbersMayBeWrittenAsFloats) {
    auto document = parse_json(kSmallest);
    document.as_object()["deadline_seconds"] = 6e1;
    EXPECT_EQ(parse_request(document, "/").deadline, std::chrono::minutes{1});
}

struct SourceRow {
    const char* text;
    Source::Kind kind;
    const char* location;
};

TEST(RequestSource, IsTakenFromTheRequestsFolder) {
    using Kind = Source::Kind;
    for (const auto& [text, kind, location] : {
             SourceRow{"web", Kind::folder, "/base/sub/web"},
             SourceRow{"./web/", Kind::folder, "/base/sub/web/"},
             SourceRow{"../web", Kind::folder, "/base/web"},
             SourceRow{".", Kind::folder, "/base/sub/"},
             SourceRow{"/abs/../x", Kind::folder, "/x"},
             SourceRow{"a b#c", Kind::folder, "/base/sub/a b#c"},
             SourceRow{"w.tar", Kind::archive, "/base/sub/w.tar"},
             SourceRow{"w.tar.gz", Kind::archive, "/base/sub/w.tar.gz"},
             SourceRow{"w.tgz", Kind::archive, "/base/sub/w.tgz"},
             SourceRow{"w.tar.xz", Kind::archive, "/base/sub/w.tar.xz"},
             SourceRow{"w.tar.zst", Kind::archive, "/base/sub/w.tar.zst"},
             SourceRow{"w.tar.bz2", Kind::archive, "/base/sub/w.tar.bz2"},
             SourceRow{"w.zip", Kind::folder, "/base/sub/w.zip"},
             SourceRow{"w.tar/", Kind::folder, "/base/sub/w.tar/"},
             SourceRow{"https://h/x", Kind::url, "https://h/x"},
             SourceRow{"https://h/x?y#", Kind::url, "https://h/x?y"},
             SourceRow{"http://localhost:8000/w.tgz", Kind::url, "http://localhost:8000/w.tgz"},
         }) {
        const auto source = with_source(text).source;
        EXPECT_EQ(source.kind, kind) << text;
        EXPECT_EQ(source.location, location) << text;
    }
}

TEST(RequestSource, RelativeBaseMeansTheWorkingFolder) {
    const auto here = std::filesystem::current_path();
    EXPECT_EQ(with_source("web", "").source.location, here / "web");
    EXPECT_EQ(with_source("web", "sub").source.location, here / "sub/web");
}

TEST(RequestLogs, RelativeDestinationIsTakenFromTheRequestsFolder) {
    auto document = parse_json(kSmallest);
    document.as_object()["logs"] = {{"destination", "logs/42"}};
    EXPECT_EQ(parse_request(document, "/base").logs_destination, "/base/logs/42");
}

}  // namespace

}  // namespace kiln::bake
