#include "qemu/seed.hpp"

#include "base/json.hpp"

#include <map>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

namespace kiln::qemu {
namespace {

Seed seed() {
    Seed seed;
    seed.instance_id = "i-1";
    seed.hostname = "ip-10-64-0-2";
    seed.ssh_key = "ssh-ed25519 AAAA me";
    seed.user_data = "#!/bin/sh\ntrue\n";
    return seed;
}

std::map<std::string, std::string> files(const Seed& of) {
    std::map<std::string, std::string> found;
    for (const auto& file : seed_files(of)) {
        found[file.name] = file.content;
    }
    return found;
}

TEST(Seed, TellsWhoTheMachineIs) {
    EXPECT_EQ(
        files(seed())["meta-data"],
        "{\"instance-id\":\"i-1\",\"local-hostname\":\"ip-10-64-0-2\","
        "\"public-keys\":[\"ssh-ed25519 AAAA me\"]}\n"
    );
}

TEST(Seed, UserDataIsWhatWasGiven) {
    EXPECT_EQ(files(seed())["user-data"], "#!/bin/sh\ntrue\n");
}

TEST(Seed, LifetimeIsATimerAtEachStart) {
    auto mortal = seed();
    mortal.lifetime = std::chrono::seconds{90};
    EXPECT_EQ(
        files(mortal)["vendor-data"],
        "#cloud-config\n{\"disable_root\":false,\"bootcmd\":[[\"systemd-run\",\"--quiet\","
        "\"--unit=kiln-lifetime\",\"--on-active=90s\",\"systemctl\",\"poweroff\"]]}\n"
    );
    EXPECT_EQ(files(seed())["vendor-data"], "#cloud-config\n{\"disable_root\":false}\n");
}

TEST(Seed, LifetimeThatIsOverEndsItAtOnce) {
    auto late = seed();
    late.lifetime = std::chrono::seconds{-5};
    EXPECT_NE(files(late)["vendor-data"].find("--on-active=1s"), std::string::npos);
}

TEST(Seed, NameserversTakeThePlaceOfThoseOfDhcp) {
    auto named = seed();
    named.nameservers = {"9.9.9.9"};
    EXPECT_EQ(
        files(named)["network-config"],
        "{\"version\":2,\"ethernets\":{\"eth0\":{\"match\":{\"macaddress\":\"52:54:00:12:34:56\"},"
        "\"set-name\":\"eth0\",\"dhcp4\":true,"
        "\"dhcp4-overrides\":{\"use-dns\":false},\"nameservers\":{\"addresses\":[\"9.9.9.9\"]}}}}\n"
    );
}

TEST(Seed, StrangeCharactersOfAKeyEndNothing) {
    auto strange = seed();
    strange.ssh_key = "ssh-ed25519 AAAA \"a: b\" #c\nruncmd: [x]";
    const auto meta = parse_json(files(strange)["meta-data"]).as_object();
    EXPECT_EQ(meta.at("public-keys").as_array().at(0).as_string(), strange.ssh_key);
    EXPECT_FALSE(meta.contains("runcmd"));
}

struct FreeReader {
    void operator()(::archive* reader) const noexcept { archive_read_free(reader); }
};

TEST(IsoImage, HasItsLabelAndItsFiles) {
    const auto image = iso_image(kSeedLabel, seed_files(seed()));
    EXPECT_EQ(image.substr(32768 + 1, 5), "CD001");
    EXPECT_EQ(image.substr(32768 + 40, 7), "CIDATA ");  // ISO 9660 knows no small letters
    const std::unique_ptr<::archive, FreeReader> reader{archive_read_new()};
    archive_read_support_format_iso9660(reader.get());
    ASSERT_EQ(archive_read_open_memory(reader.get(), image.data(), image.size()), ARCHIVE_OK);
    std::map<std::string, std::string> found;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        std::string content(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
        (void)archive_read_data(reader.get(), content.data(), content.size());
        found[archive_entry_pathname(entry)] = content;
    }
    found.erase(".");
    EXPECT_EQ(found, files(seed()));
}

}  // namespace
}  // namespace kiln::qemu
