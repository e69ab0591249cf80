#include "cli/credentials.hpp"
#include "cli/server_note.hpp"
#include "os/files.hpp"
#include "verbs_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The verbs of the service against a world in memory, and a home folder on disk.
class ServiceVerbs : public testing::VerbsTest {};

TEST_F(ServiceVerbs, ServeTakesItsSettingsAndFlagsGoBefore) {
    EXPECT_EQ(run({"serve"}), 0);
    ASSERT_THAT(world.served, SizeIs(1));
    EXPECT_EQ(world.served[0].listen, (ListenAddress{"127.0.0.1", 9324}));
    EXPECT_EQ(world.served[0].concurrency, 4U);
    EXPECT_TRUE(world.served[0].bakery);
    EXPECT_EQ(
        run(
            {"serve",
             "--listen",
             "[::1]:80",
             "--concurrency",
             "2",
             "--no-bakery",
             "--tls-cert",
             "/c.pem",
             "--tls-key",
             "/k.pem"}
        ),
        0
    );
    EXPECT_EQ(world.served[1].listen, (ListenAddress{"::1", 80}));
    EXPECT_EQ(world.served[1].concurrency, 2U);
    EXPECT_FALSE(world.served[1].bakery);
    EXPECT_EQ(world.served[1].tls_key, "/k.pem");
}

TEST_F(ServiceVerbs, ServeRefusesWhatCannotBe) {
    EXPECT_EQ(run({"serve", "--listen", "9324"}), 2);
    EXPECT_EQ(run({"serve", "--tls-cert", "/c.pem"}), 2);
    EXPECT_EQ(run({"serve", "--concurrency", "0"}), 2);
    EXPECT_EQ(run({"serve", "--set", "server.listen=nowhere"}), 2);
    EXPECT_THAT(world.served, IsEmpty());
}

TEST_F(ServiceVerbs, AWorkerWantsAQueue) {
    EXPECT_EQ(run({"worker"}), 2);
    EXPECT_THAT(err, HasSubstr("--queue"));
    EXPECT_EQ(run({"worker", "--queue", "bakes", "--server", "http://127.0.0.1:1"}), 0);
    ASSERT_THAT(world.worked, SizeIs(1));
    EXPECT_EQ(world.worked[0].queue, "bakes");
    EXPECT_EQ(world.worked[0].server, "http://127.0.0.1:1");
    EXPECT_EQ(world.worked[0].concurrency, 4U);
}

TEST_F(ServiceVerbs, CredentialsAreShownInEachForm) {
    EXPECT_EQ(run({"credentials"}), 4) << "none were made yet";
    const auto made = load_or_make_credentials(folder.path());
    EXPECT_EQ(run({"credentials"}), 0);
    EXPECT_THAT(out, HasSubstr("export KILN_TOKEN=" + made.token + "\n"));
    EXPECT_EQ(run({"credentials", "--json"}), 0);
    EXPECT_EQ(parse_json(out).at("token"), json::value(made.token));
    EXPECT_TRUE(parse_json(out).at("endpoint_url").is_null());
    ServerSeat seat{folder.path()};
    seat.announce({"http://127.0.0.1:7", 1, world.clock.now()});
    EXPECT_EQ(run({"credentials", "--format", "aws"}), 0);
    EXPECT_THAT(out, HasSubstr("endpoint_url = http://127.0.0.1:7\n"));
    EXPECT_EQ(run({"credentials", "--format", "yaml"}), 2);
}

TEST_F(ServiceVerbs, WithoutAServerSubmitSaysHowToStartOne) {
    const auto file = folder.path() / "request.json";
    os::write_file_durably(
        file, R"({"name":"web","parent":{"name":"base"},"bootstrap":{"commands":["true"]}})"
    );
    EXPECT_EQ(run({"bake", "submit", file.string()}), 7);
    EXPECT_THAT(err, HasSubstr("hint: start one with `kiln serve`"));
}

TEST_F(ServiceVerbs, AWrongRequestIsRefusedBeforeAnyServerIsAsked) {
    const auto file = folder.path() / "request.json";
    os::write_file_durably(file, R"({"name":"w"})");
    EXPECT_EQ(run({"bake", "submit", file.string(), "--json"}), 2);
    EXPECT_EQ(parse_json(out).at("error").at("kind"), json::value("invalid"));
}

TEST_F(ServiceVerbs, WithoutATokenAnotherHostsServerIsNotAsked) {
    const auto file = folder.path() / "request.json";
    os::write_file_durably(
        file, R"({"name":"web","parent":{"name":"base"},"bootstrap":{"commands":["true"]}})"
    );
    EXPECT_EQ(run({"bake", "submit", file.string(), "--server", "http://127.0.0.1:1"}), 3);
    EXPECT_THAT(err, HasSubstr("KILN_TOKEN"));
}

TEST_F(ServiceVerbs, QueuesAreMadeFilledAndRead) {
    EXPECT_EQ(run({"queue", "create", "q", "--visibility", "1m"}), 0);
    EXPECT_EQ(run({"queue", "send", "q", "hello"}), 0);
    EXPECT_NE(out, "");
    EXPECT_EQ(run({"queue", "list", "--json"}), 0);
    EXPECT_EQ(parse_json(out).at(0).at("visible"), json::value(1));
    EXPECT_EQ(run({"queue", "receive", "q", "--delete"}), 0);
    EXPECT_EQ(out, "hello\n");
    EXPECT_EQ(run({"queue", "show", "q"}), 0);
    EXPECT_THAT(out, HasSubstr("visible:    0\n"));
    EXPECT_EQ(run({"queue", "rm", "q"}), 0);
    EXPECT_EQ(run({"queue", "show", "q"}), 4);
    EXPECT_EQ(run({"queue", "rm", "q"}), 4);
}

TEST_F(ServiceVerbs, AMessageComesFromOnePlace) {
    EXPECT_EQ(run({"queue", "create", "q"}), 0);
    EXPECT_EQ(run({"queue", "send", "q"}), 2);
    EXPECT_EQ(run({"queue", "send", "q", "hello", "--file", "x"}), 2);
    EXPECT_EQ(run({"queue", "receive", "q", "--wait", "21s"}), 2);
    EXPECT_EQ(run({"queue", "create", "q2", "--max-receives", "3"}), 2);
}

}  // namespace
}  // namespace kiln::cli
