#include "cli/server_note.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "os/fd.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::kiln::kind_of;
using ::testing::HasSubstr;

class Seat : public ::testing::Test {
  protected:
    const ServerNote note{"http://127.0.0.1:9324", 4711, parse_time("2026-01-01T00:00:00Z")};
    os::TempDir folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-test");
    std::filesystem::path home = folder.path();
};

TEST_F(Seat, OfARunningServerIsFoundAndGoneAfterwards) {
    EXPECT_EQ(find_server(home), std::nullopt);
    {
        ServerSeat seat{home};
        EXPECT_EQ(find_server(home), std::nullopt) << "not announced yet";
        seat.announce(note);
        EXPECT_EQ(find_server(home), note);
    }
    EXPECT_EQ(find_server(home), std::nullopt);
    EXPECT_FALSE(std::filesystem::exists(home / "run" / "server.json"));
}

TEST_F(Seat, IsForOneServer) {
    ServerSeat seat{home};
    seat.announce(note);
    try {
        const ServerSeat second{home};
        FAIL() << "two servers of one home";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
        EXPECT_THAT(error.message(), HasSubstr("process 4711 at http://127.0.0.1:9324"));
        EXPECT_NE(error.hint(), "");
    }
    EXPECT_EQ(find_server(home), note) << "the second one took nothing away";
}

TEST_F(Seat, OfAKilledServerIsFreeAndItsNoteMeansNothing) {
    std::filesystem::create_directories(home / "run");
    os::write_file_durably(home / "run" / "server.lock", "");
    os::write_file_durably(
        home / "run" / "server.json",
        R"({"url":"http://127.0.0.1:1","pid":1,"started":"2026-01-01T00:00:00Z"})"
    );
    EXPECT_EQ(find_server(home), std::nullopt);
    const ServerSeat seat{home};
    EXPECT_EQ(find_server(home), std::nullopt);
}

TEST_F(Seat, WithADamagedNoteSaysWhatToDo) {
    const ServerSeat seat{home};
    os::write_file_durably(home / "run" / "server.json", "{\"url\"");
    EXPECT_EQ(kind_of([&] { (void)find_server(home); }), ErrorKind::corrupt);
}

}  // namespace
}  // namespace kiln::cli
