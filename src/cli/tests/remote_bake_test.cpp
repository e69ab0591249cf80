#include "cli/remote_bake.hpp"

#include "base/testing/kind_of.hpp"
#include "net/event_stream.hpp"

#include <deque>

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kBake = "bake-0123456789abcdef0";

/// Answers from a script, in order; remembers what was asked.
class ScriptedWire final : public Wire {
  public:
    struct Step {
        net::ClientResponse response;
        std::optional<Error> error = {};  ///< after the body's pieces
    };

    net::ClientResponse send(const net::ClientRequest& request, const std::stop_token&) override {
        return next(request, {});
    }

    net::ClientResponse
    stream(const net::ClientRequest& request, const std::function<void(std::string_view)>& piece, const std::stop_token&)
        override {
        return next(request, piece);
    }

    std::deque<Step> steps;
    std::vector<net::ClientRequest> asked;

  private:
    net::ClientResponse next(
        const net::ClientRequest& request, const std::function<void(std::string_view)>& piece
    ) {
        asked.push_back(request);
        if (steps.empty()) {
            throw Error{ErrorKind::internal, "the script is at its end"};
        }
        auto step = std::move(steps.front());
        steps.pop_front();
        if (piece && !step.response.body.empty()) {
            piece(step.response.body);
        }
        if (step.error) {
            throw *step.error;
        }
        return step.response;
    }
};

std::string frame(std::int64_t attempt, std::int64_t sequence, bool final = false) {
    ports::BakeEvent event;
    event.attempt = attempt;
    event.sequence = sequence;
    event.category = final ? "END" : "LOG";
    event.final = final;
    auto document = ports::to_json(BakeId::trusted(kBake), event);
    document["attempt"] = attempt;
    return net::frame({fmt::format("{}:{}", attempt, sequence), "", json::serialize(document)});
}

net::ClientResponse record(std::string_view state) {
    return {
        200,
        {},
        fmt::format(
            R"({{"id":"{}","name":"web","state":"{}","created":"2026-01-01T00:00:00Z","more":1}})",
            kBake,
            state
        )};
}

class RemoteBake : public ::testing::Test {
  protected:
    std::vector<std::string> follow() {
        std::vector<std::string> places;
        last = follow_bake(
            world(),
            BakeId::trusted(kBake),
            [&](const ports::BakeEvent& event) {
                places.push_back(fmt::format("{}:{}", event.attempt, event.sequence));
            },
            stop.get_token()
        );
        return places;
    }

    FollowWorld world() {
        return {
            remote,
            [&] {
                if (lost) {
                    throw *lost;
                }
                return ServerAddress{"http://127.0.0.1:2", "t2", true};
            },
            [&](unsigned, Deadline) { return pauses-- > 0 && !stop.stop_requested(); }};
    }

    ScriptedWire wire;
    Remote remote{wire, {"http://127.0.0.1:1", "t1", true}};
    std::optional<Error> lost;
    int pauses = 5;
    std::stop_source stop;
    ports::BakeRecord last;
};

TEST_F(RemoteBake, IsFollowedToItsEnd) {
    wire.steps = {{{200, {}, frame(1, 1) + frame(1, 2, true)}}, {record("succeeded")}};
    EXPECT_THAT(follow(), ElementsAre("1:1", "1:2"));
    EXPECT_EQ(last.state, ports::BakeState::succeeded);
    EXPECT_EQ(wire.asked[0].headers.find("Authorization"), "Bearer t1");
    EXPECT_FALSE(wire.asked[0].headers.contains("Last-Event-ID"));
}

TEST_F(RemoteBake, GoesOnWhereACutConnectionWas) {
    wire.steps = {
        {{200, {}, frame(1, 1) + frame(1, 2)}, Error{ErrorKind::unavailable, "cut"}},
        {{200, {}, frame(1, 2) + frame(1, 3, true)}},
        {record("failed")}};
    EXPECT_THAT(follow(), ElementsAre("1:1", "1:2", "1:3")) << "each once";
    EXPECT_EQ(wire.asked[1].headers.find("Last-Event-ID"), "1:2");
    EXPECT_EQ(wire.asked[1].url, "http://127.0.0.1:2/v1/bakes/" + kBake + "/events")
        << "the server was started anew";
    EXPECT_EQ(wire.asked[1].headers.find("Authorization"), "Bearer t2");
}

TEST_F(RemoteBake, GoesOnWhenTheServerEndsTheStreamBecauseItGoesDown) {
    wire.steps = {
        {{200, {}, frame(1, 1)}},
        {record("queued")},
        {{200, {}, frame(2, 1) + frame(2, 2, true)}},
        {record("succeeded")}};
    EXPECT_THAT(follow(), ElementsAre("1:1", "2:1", "2:2"));
}

TEST_F(RemoteBake, ThatEndedWithoutAFinalEventIsOver) {
    wire.steps = {{{200, {}, ""}}, {record("interrupted")}};
    EXPECT_THAT(follow(), IsEmpty());
    EXPECT_EQ(last.state, ports::BakeState::interrupted);
}

TEST_F(RemoteBake, IsGivenUpWhenNoServerComesBack) {
    pauses = 2;
    lost = Error{ErrorKind::unavailable, "no server runs"};
    for (int i = 0; i < 3; ++i) {
        wire.steps.push_back({{}, Error{ErrorKind::unavailable, "connection refused"}});
    }
    EXPECT_EQ(kind_of([&] { (void)follow(); }), ErrorKind::unavailable);
    EXPECT_THAT(wire.steps, IsEmpty());
}

TEST_F(RemoteBake, AWrongTokenIsNotTriedAgain) {
    wire.steps = {
        {{401, {}, R"({"error":{"kind":"denied","message":"the bearer token is wrong"}})"}}};
    EXPECT_EQ(kind_of([&] { (void)follow(); }), ErrorKind::denied);
    EXPECT_EQ(wire.asked.size(), 1U);
}

TEST_F(RemoteBake, StoppingTheClientIsCancelled) {
    wire.steps = {{{}, Error{ErrorKind::unavailable, "cut"}}};
    stop.request_stop();
    EXPECT_EQ(kind_of([&] { (void)follow(); }), ErrorKind::cancelled);
}

TEST_F(RemoteBake, ALostAnswerToASubmissionIsAskedForWithTheSameKey) {
    wire.steps = {{{}, Error{ErrorKind::timed_out, "no answer"}}, {record("queued")}};
    const auto record = submit_bake(world(), "{}", "key-1", stop.get_token());
    EXPECT_EQ(record.id.str(), kBake);
    ASSERT_EQ(wire.asked.size(), 2U);
    for (const auto& asked : wire.asked) {
        EXPECT_EQ(asked.headers.find("Idempotency-Key"), "key-1");
    }
}

TEST(RemoteError, IsTheServersOwn) {
    const auto error = error_of(
        {400,
         {},
         R"({"error":{"kind":"invalid","message":"bad request: name: too short","hint":"see docs",)"
         R"("problems":[{"where":"name","what":"too short"}]}})"}
    );
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_EQ(error.message(), "bad request: name: too short");
    EXPECT_EQ(error.hint(), "see docs");
    ASSERT_EQ(error.problems().size(), 1U);
    EXPECT_EQ(error.problems()[0].where, "name");
}

TEST(RemoteError, OfAProxyIsJudgedByItsStatus) {
    const std::pair<unsigned, ErrorKind> table[] = {
        {502, ErrorKind::unavailable},
        {503, ErrorKind::unavailable},
        {504, ErrorKind::timed_out},
        {429, ErrorKind::exhausted},
        {401, ErrorKind::denied},
        {404, ErrorKind::not_found},
        {500, ErrorKind::internal},
        {301, ErrorKind::internal},
    };
    for (const auto& [status, kind] : table) {
        EXPECT_EQ(error_of({status, {}, "<html>"}).kind(), kind) << status;
    }
}

}  // namespace
}  // namespace kiln::cli
