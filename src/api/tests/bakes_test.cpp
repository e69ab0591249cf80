#include "api/bakes.hpp"

#include "api/told_bake_store.hpp"
#include "net/event_stream.hpp"
#include "net/testing/captured_answer.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_bakes.hpp"

#include <gmock/gmock.h>

namespace kiln::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The routes of bakes on a store in memory.
class Bakes : public ::testing::Test {
  protected:
    Bakes() { bakes.tell(&hub); }

    ports::BakeRecord started(const std::string& name) {
        clock.advance(std::chrono::seconds{1});
        ports::BakeRecord record;
        record.id = BakeId::random();
        record.key = name;
        record.name = name;
        record.holder = HolderId::random();
        record.job = JobId::random();
        record.parent = ImageId::random();
        record.created = clock.now();
        EXPECT_TRUE(memory.begin(record, false).inserted);
        return record;
    }

    static ports::BakeEvent event(std::int64_t sequence, const std::string& message = "line") {
        ports::BakeEvent event;
        event.sequence = sequence;
        event.category = "LOG";
        event.message = message;
        return event;
    }

    void end(const ports::BakeRecord& record, std::int64_t sequence) {
        auto last = event(sequence, "");
        last.category = "END";
        last.final = true;
        const ports::BakeStore::Ending ending{
            .state = ports::BakeState::failed,
            .image = {},
            .result = json::object{},
            .at = clock.now()};
        bakes.append(record.id, 1, {last}, ending);
    }

    void ask(
        net::testing::CapturedAnswer& answer,
        const std::string& method,
        const std::string& target,
        net::Headers headers = {},
        const std::string& body = ""
    ) {
        headers.set("Authorization", "Bearer t");
        net::Request request;
        request.method = method;
        request.target = target;
        request.headers = std::move(headers);
        request.body = body;
        router.handle(std::move(request), answer.responder(), "req-1");
    }

    std::pair<unsigned, json::value> ask(
        const std::string& method,
        const std::string& target,
        net::Headers headers = {},
        const std::string& body = ""
    ) {
        net::testing::CapturedAnswer answer;
        ask(answer, method, target, std::move(headers), body);
        return {answer.wait().status, parse_json(answer.wait().body)};
    }

    static std::vector<std::string> ids(const std::vector<net::ServerSentEvent>& events) {
        std::vector<std::string> found;
        for (const auto& one : events) {
            found.push_back(one.id);
        }
        return found;
    }

    /// Reads until that many events have come, or the stream has ended.
    static std::vector<net::ServerSentEvent> read(
        net::testing::CapturedAnswer& answer, net::EventStreamReader& reader, std::size_t count
    ) {
        std::vector<net::ServerSentEvent> events;
        while (events.size() < count && !answer.ended()) {
            for (auto& one : reader.feed(answer.read(1))) {
                events.push_back(std::move(one));
            }
        }
        return events;
    }

    os::TempDir folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-test");
    ports::testing::FakeClock clock;
    ports::testing::MemoryBakeStore memory;
    ToldBakeStore bakes{memory};
    EventHub hub{memory, folder.path()};
    std::vector<std::string> submitted;
    std::vector<BakeId> cancelled;
    Router router{
        TokenAuth{"t"},
        bake_routes(
            {bakes,
             hub,
             [this](const std::string& body, const std::optional<std::string>& key) {
                 submitted.push_back(body + " " + key.value_or("-"));
                 if (body == "bad") {
                     throw Error{"bad request", {{"name", "too short"}}};
                 }
                 auto record = started("web");
                 record.state = ports::BakeState::queued;
                 return record;
             },
             [this](const BakeId& id) {
                 (void)memory.get(id);
                 cancelled.push_back(id);
             }}
        )};
};

TEST_F(Bakes, ARequestIsAcceptedWithItsId) {
    net::testing::CapturedAnswer answer;
    ask(answer, "POST", "/v1/bakes", {{"Idempotency-Key", "k-1"}}, "{}");
    EXPECT_EQ(answer.wait().status, 202U);
    const auto document = parse_json(answer.wait().body);
    EXPECT_EQ(document.at("state"), json::value("queued"));
    EXPECT_EQ(
        answer.wait().headers.find("Location"),
        "/v1/bakes/" + std::string{document.at("id").as_string()}
    );
    EXPECT_THAT(submitted, ElementsAre("{} k-1"));
}

TEST_F(Bakes, AWrongRequestIsRefusedWithItsProblems) {
    const auto [status, document] = ask("POST", "/v1/bakes", {}, "bad");
    EXPECT_EQ(status, 400U);
    EXPECT_EQ(document.at("error").at("problems").at(0).at("where"), json::value("name"));
}

TEST_F(Bakes, AKeyOrABodyBeyondItsLimitIsRefusedAtTheDoor) {
    for (const auto& key : {std::string{}, std::string(256, 'k'), std::string{"a b"}}) {
        EXPECT_EQ(ask("POST", "/v1/bakes", {{"Idempotency-Key", key}}, "{}").first, 400U) << key;
    }
    EXPECT_EQ(ask("POST", "/v1/bakes", {}, std::string((1U << 20) + 1, ' ')).first, 400U);
    EXPECT_THAT(submitted, IsEmpty());
}

TEST_F(Bakes, AListComesInPages) {
    const auto a = started("a");
    const auto b = started("b");
    const auto c = started("c");
    const auto [status, first] = ask("GET", "/v1/bakes?limit=2");
    EXPECT_EQ(status, 200U);
    ASSERT_EQ(first.at("bakes").as_array().size(), 2U);
    EXPECT_EQ(first.at("bakes").at(0).at("id"), json::value(c.id.str()));
    EXPECT_EQ(first.at("next"), json::value(b.id.str()));
    const auto [again, second] = ask("GET", "/v1/bakes?limit=2&after=" + b.id.str());
    EXPECT_EQ(again, 200U);
    ASSERT_EQ(second.at("bakes").as_array().size(), 1U);
    EXPECT_EQ(second.at("bakes").at(0).at("id"), json::value(a.id.str()));
    EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(Bakes, AListIsFiltered) {
    end(started("a"), 1);
    (void)started("b");
    EXPECT_EQ(ask("GET", "/v1/bakes?state=failed").second.at("bakes").as_array().size(), 1U);
    EXPECT_EQ(ask("GET", "/v1/bakes?name=b*").second.at("bakes").as_array().size(), 1U);
    const auto [status, error] = ask("GET", "/v1/bakes?state=faild");
    EXPECT_EQ(status, 400U);
    EXPECT_THAT(
        std::string{error.at("error").at("message").as_string()},
        HasSubstr("did you mean \"failed\"")
    );
}

TEST_F(Bakes, AnUnknownBakeIsNotFoundOnEveryRoute) {
    const auto id = BakeId::random().str();
    for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/v1/bakes/" + id},
             {"DELETE", "/v1/bakes/" + id},
             {"GET", "/v1/bakes/" + id + "/events"},
             {"GET", "/v1/bakes/" + id + "/logs"},
             {"GET", "/v1/bakes/not-an-id"}}) {
        EXPECT_EQ(ask(method, target).first, 404U) << method << " " << target;
    }
    EXPECT_EQ(
        ask("GET", "/v1/bakes/" + id + "/events", {{"Accept", "text/event-stream"}}).first, 404U
    ) << "before a stream begins";
}

TEST_F(Bakes, CancellingIsAccepted) {
    const auto record = started("a");
    EXPECT_EQ(ask("DELETE", "/v1/bakes/" + record.id.str()).first, 202U);
    EXPECT_THAT(cancelled, ElementsAre(record.id));
}

TEST_F(Bakes, EventsComeInPagesThatSayWhereToGoOn) {
    const auto record = started("a");
    memory.append(record.id, 1, {event(1), event(2), event(3)}, std::nullopt);
    const auto path = "/v1/bakes/" + record.id.str() + "/events";
    const auto page = ask("GET", path + "?limit=2").second;
    EXPECT_EQ(page.at("events").as_array().size(), 2U);
    EXPECT_EQ(page.at("next"), json::value("1:2"));
    EXPECT_FALSE(page.at("over").as_bool());
    end(record, 4);
    const auto rest = ask("GET", path + "?after=1:2").second;
    EXPECT_EQ(rest.at("events").as_array().size(), 2U);
    EXPECT_EQ(rest.at("events").at(0).at("attempt"), json::value(1));
    EXPECT_TRUE(rest.at("over").as_bool());
    EXPECT_EQ(ask("GET", path + "?after=1:4").second.at("next"), json::value("1:4"));
    for (const auto* after : {"1", "x:1", "1:-1", "1:2:3", ":"}) {
        EXPECT_EQ(ask("GET", path + "?after=" + after).first, 400U) << after;
    }
}

TEST_F(Bakes, AStreamHasTheEventsThatWereAndThoseThatCome) {
    const auto record = started("a");
    memory.append(record.id, 1, {event(1)}, std::nullopt);
    net::testing::CapturedAnswer answer;
    net::EventStreamReader reader;
    ask(answer, "GET", "/v1/bakes/" + record.id.str() + "/events", {{"Accept", "text/event-stream"}}
    );
    EXPECT_EQ(answer.wait().headers.find("Content-Type"), "text/event-stream");
    EXPECT_THAT(ids(read(answer, reader, 1)), ElementsAre("1:1"));
    bakes.append(record.id, 1, {event(2), event(3)}, std::nullopt);
    EXPECT_THAT(ids(read(answer, reader, 2)), ElementsAre("1:2", "1:3"));
    end(record, 4);
    const auto last = read(answer, reader, 2);
    EXPECT_THAT(ids(last), ElementsAre("1:4"));
    EXPECT_TRUE(answer.closed()) << "it ends after the final event";
    EXPECT_TRUE(parse_json(last.at(0).data).at("final").as_bool());
}

TEST_F(Bakes, AStreamGoesOnAfterTheLastEventThatTheClientHas) {
    const auto record = started("a");
    memory.append(record.id, 1, {event(1), event(2), event(3)}, std::nullopt);
    end(record, 4);
    net::testing::CapturedAnswer answer;
    net::EventStreamReader reader;
    ask(answer,
        "GET",
        "/v1/bakes/" + record.id.str() + "/events",
        {{"Accept", "text/event-stream"}, {"Last-Event-ID", "1:2"}});
    EXPECT_THAT(ids(read(answer, reader, 9)), ElementsAre("1:3", "1:4"));
    EXPECT_TRUE(answer.closed());
}

TEST_F(Bakes, AStreamSeesWhatAnotherProcessWroteByItsNotice) {
    const auto record = started("a");
    const auto job = folder.path() / record.job.str();
    std::filesystem::create_directories(job);
    net::testing::CapturedAnswer answer;
    net::EventStreamReader reader;
    ask(answer, "GET", "/v1/bakes/" + record.id.str() + "/events", {{"Accept", "text/event-stream"}}
    );
    memory.append(record.id, 1, {event(1)}, std::nullopt);  // the hub is not told
    os::write_file_durably(job / "notify", "\n");
    EXPECT_THAT(ids(read(answer, reader, 1)), ElementsAre("1:1"));
}

TEST_F(Bakes, ALongHistoryIsNotCutOffHoweverSlowlyItIsRead) {
    const auto record = started("a");
    constexpr std::int64_t kEvents = 40;
    for (std::int64_t i = 1; i <= kEvents; ++i) {
        memory.append(record.id, 1, {event(i, std::string(100'000, 'x'))}, std::nullopt);
    }
    end(record, kEvents + 1);
    net::testing::CapturedAnswer answer;  // bears 1 MiB; there are 4 MB
    net::EventStreamReader reader;
    ask(answer, "GET", "/v1/bakes/" + record.id.str() + "/events", {{"Accept", "text/event-stream"}}
    );
    EXPECT_EQ(read(answer, reader, 99).size(), 41U);
    EXPECT_TRUE(answer.closed());
}

TEST_F(Bakes, ClosingTheHubEndsItsStreams) {
    const auto record = started("a");
    net::testing::CapturedAnswer answer;
    const auto path = "/v1/bakes/" + record.id.str() + "/events";
    ask(answer, "GET", path, {{"Accept", "text/event-stream"}});
    hub.close();
    EXPECT_EQ(answer.read_all(), "");
    EXPECT_TRUE(answer.closed());
    net::testing::CapturedAnswer late;
    ask(late, "GET", path, {{"Accept", "text/event-stream"}});
    (void)late.read_all();
    EXPECT_TRUE(late.closed());
}

TEST_F(Bakes, LogsAreWhatWasSaid) {
    const auto record = started("a");
    auto half = event(1, "one\ntw");
    half.data = json::object{{"continues", true}};
    auto step = event(3, "began");
    step.category = "STEP";
    auto error = event(4, "exit status 3");
    error.category = "ERROR";
    error.step = "run";
    memory.append(record.id, 1, {half, event(2, "o"), step, error}, std::nullopt);
    net::testing::CapturedAnswer answer;
    ask(answer, "GET", "/v1/bakes/" + record.id.str() + "/logs");
    EXPECT_EQ(answer.read_all(), "one\ntwo\nkiln: run: exit status 3\n")
        << "of a running bake, too";
    EXPECT_TRUE(answer.closed());
}

}  // namespace
}  // namespace kiln::api
