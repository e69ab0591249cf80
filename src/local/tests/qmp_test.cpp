#include "local/qmp.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

namespace kiln::local {

namespace {

/// The other end of a monitor, played by the test: what it will say is written beforehand.
class Monitor : public testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> ends{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        theirs_ = os::Fd{ends[1]};
        qmp_.emplace(os::Fd{ends[0]});
    }

    void say(const std::string& text) { os::write_all(theirs_, text); }

    void greet() {
        say(R"({"QMP": {"version": {}, "capabilities": []}})"
            "\r\n"
            R"({"return": {}, "id": 1})"
            "\r\n");
    }

    std::string heard() {
        std::array<char, 4096> bytes;
        const auto n = ::recv(theirs_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return {bytes.data(), n < 0 ? 0 : static_cast<std::size_t>(n)};
    }

    static Deadline soon() { return Deadline::after(std::chrono::seconds{10}); }

    std::optional<ErrorKind> kind_of_execute(Deadline deadline) {
        try {
            (void)qmp_->execute("query-status", {}, deadline);
        } catch (const Error& error) {
            return error.kind();
        }
        return std::nullopt;
    }

    os::Fd theirs_;
    std::optional<Qmp> qmp_;
};

TEST_F(Monitor, CommandIsSentWithItsArgumentsAndAnswered) {
    greet();
    say(R"({"return": {"x": 5}, "id": 2})"
        "\n");
    const auto result = qmp_->execute("do-it", {{"a", "b"}}, soon());
    EXPECT_EQ(result.at("x").as_int64(), 5);
    EXPECT_THAT(
        heard(),
        testing::AllOf(
            testing::HasSubstr(R"("execute":"qmp_capabilities")"),
            testing::HasSubstr(R"("execute":"do-it")"),
            testing::HasSubstr(R"("arguments":{"a":"b"})")
        )
    );
}

TEST_F(Monitor, NothingIsReadOrSentBeforeTheFirstCommand) {
    qmp_->poll();
    EXPECT_EQ(heard(), "");
}

TEST_F(Monitor, EventsAmongAnswersAreKept) {
    greet();
    say(R"({"event": "ONE", "data": {}})"
        "\n"
        R"({"return": {}, "id": 2})"
        "\n"
        R"({"event": "TWO", "data": {"n": 2}})"
        "\n");
    (void)qmp_->execute("do-it", {}, soon());
    ASSERT_EQ(qmp_->events().size(), 1U);
    qmp_->poll();
    ASSERT_EQ(qmp_->events().size(), 2U);
    EXPECT_EQ(qmp_->wait_event("TWO", soon()).at("data").at("n").as_int64(), 2);
    ASSERT_EQ(qmp_->events().size(), 1U);
    EXPECT_EQ(qmp_->events()[0].at("event"), "ONE");
}

TEST_F(Monitor, LateAnswerToACommandThatTimedOutIsSkipped) {
    greet();
    EXPECT_EQ(kind_of_execute(Deadline::after({})), ErrorKind::timed_out);
    say(R"({"return": "late", "id": 2})"
        "\n"
        R"({"return": "right", "id": 3})"
        "\n");
    EXPECT_EQ(qmp_->execute("next", {}, soon()), "right");
}

TEST_F(Monitor, ClosedConnectionIsUnavailable) {
    greet();
    theirs_ = os::Fd{};
    EXPECT_EQ(kind_of_execute(soon()), ErrorKind::unavailable);
}

TEST_F(Monitor, OtherProtocolIsInternal) {
    say("{\"hello\": 1}\n");
    EXPECT_EQ(kind_of_execute(soon()), ErrorKind::internal);
}

struct Words {
    std::string name, description;
    ErrorKind kind;
};

class QmpError : public Monitor, public testing::WithParamInterface<Words> {};

TEST_P(QmpError, HasTheKindOfItsWords) {
    greet();
    const json::object answer{
        {"id", 2},
        {"error", json::object{{"class", "GenericError"}, {"desc", GetParam().description}}}};
    say(json::serialize(answer) + "\n");
    try {
        (void)qmp_->execute("blockdev-add", {}, soon());
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), GetParam().kind);
        EXPECT_EQ(error.message(), "blockdev-add: " + GetParam().description);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    QmpError,
    testing::Values(
        Words{"Full", "Could not write: No space left on device", ErrorKind::exhausted},
        Words{"Memory", "Cannot allocate memory", ErrorKind::exhausted},
        Words{"Files", "Could not open 'x': Too many open files", ErrorKind::exhausted},
        Words{"Lock", "Failed to get \"write\" lock", ErrorKind::conflict},
        Words{"Denied", "Could not open 'x': Permission denied", ErrorKind::denied},
        Words{"NotPermitted", "Operation not permitted", ErrorKind::denied},
        Words{"Missing", "Could not open 'x': No such file or directory", ErrorKind::not_found},
        Words{"Corrupt", "qcow2: Image is corrupt; cannot be opened", ErrorKind::corrupt},
        Words{"Other", "Node 'x' not found", ErrorKind::internal}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace

}  // namespace kiln::local
