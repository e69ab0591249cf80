#include "compute/user_data.hpp"

#include <gtest/gtest.h>

namespace kiln::compute {
namespace {

TEST(UserData, AScriptIsTakenAsItStands) {
    const auto read = read_user_data("#!/bin/sh\necho a\n");
    ASSERT_TRUE(std::holds_alternative<Script>(read));
    EXPECT_EQ(std::get<Script>(read).text, "#!/bin/sh\necho a\n");
}

struct Row {
    const char* name;
    const char* text;
    const char* url;  ///< nullptr: not understood
};

class Includes : public ::testing::TestWithParam<Row> {};

TEST_P(Includes, NameAUrl) {
    const auto read = read_user_data(GetParam().text);
    if (GetParam().url == nullptr) {
        EXPECT_TRUE(std::holds_alternative<NotUnderstood>(read));
        return;
    }
    ASSERT_TRUE(std::holds_alternative<Include>(read));
    EXPECT_EQ(std::get<Include>(read).url, GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    Includes,
    ::testing::Values(
        Row{"OnTheSameLine",
            "#include https://x:s@host/init-scripts/1\n",
            "https://x:s@host/init-scripts/1"},
        Row{"OnTheNextLine", "#include\nhttp://host/1\n", "http://host/1"},
        Row{"BehindAComment", "#include\n# ours\nhttp://host/1", "http://host/1"},
        Row{"NoUrl", "#include\n", nullptr},
        Row{"AFile", "#include file:///etc/shadow", nullptr},
        Row{"CloudConfig", "#cloud-config\nusers: []\n", nullptr}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(UserData, NothingIsNothing) {
    EXPECT_TRUE(std::holds_alternative<NoUserData>(read_user_data("")));
    EXPECT_TRUE(std::holds_alternative<NoUserData>(read_user_data(" \n")));
}

}  // namespace
}  // namespace kiln::compute
