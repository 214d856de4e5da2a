import { describe, expect, it } from "vitest";
import { longCallLink } from "../../provider/billmanager/longCall";
import { fixtureText } from "./scriptedPanel";

const page = new URL("https://panel.example/billmgr");

function linkIn(text: string): string | undefined {
  const body = Buffer.from(text);
  const found = longCallLink({ kind: "answer", status: 200, header: () => "", body }, page);
  return found instanceof URL ? found.href : found;
}

describe("the link of a slow call", () => {
  it.each([
    [fixtureText("long-call.html"), "https://panel.example/long1a2b/billmgr?id=5&lang=en"],
    ['<html><a href="/long/1a2b/billmgr">wait</a></html>', "https://panel.example/long/1a2b/billmgr"],
    ["<html><a href=/long1/billmgr>wait</a></html>", "https://panel.example/long1/billmgr"],
    ["<script>location='/manager/longbillmgr?id=1'</script>", "https://panel.example/manager/longbillmgr?id=1"],
    ['<meta http-equiv="refresh" content="1;url=/long1/billmgr">', "https://panel.example/long1/billmgr"],
    [`<meta http-equiv="refresh" content="1; url='/long1/billmgr'">`, "https://panel.example/long1/billmgr"],
    ['<html><a href="https://panel.example/long1/billmgr">', "https://panel.example/long1/billmgr"],
    [
      '<html><a href="/long1/billmgr"><a href="https://panel.example/long1/billmgr">',
      "https://panel.example/long1/billmgr",
    ],
    ['<!-- please wait --> <!doctype html><a href="/long1/billmgr">', "https://panel.example/long1/billmgr"],
  ])("is found in %s", (text, link) => expect(linkIn(text)).toBe(link));

  it.each([
    "https://elsewhere.example/long1/billmgr",
    "//elsewhere.example/long1/billmgr",
    "http://panel.example/long1/billmgr",
    "https://panel.example:1500/long1/billmgr",
    "https://user@panel.example/long1/billmgr",
  ])("is foreign when it leads elsewhere: %s", (href) => expect(linkIn(`<html><a href="${href}">`)).toBe("foreign"));

  it.each([
    ["an answer in XML", `<doc><ok>"/long1/billmgr"</ok></doc>`],
    ["XML after a comment", `<!-- <html> --><doc a="/long1/billmgr"/>`],
    ["XML after a comment that holds a page", `<!-- <html><a href="/long1/billmgr"> --><doc/>`],
    ["a page without one", '<html><a href="/billmgr">back</a></html>'],
    ["a comment", '<html><!-- <a href="/long1/billmgr"> --></html>'],
    ["a comment without an end", '<html><!-- <a href="/long1/billmgr"></html>'],
    ["a picture", '<html><img src="/billmgr/long.png"><img src="/longbillmgr.png"></html>'],
    ["a word", '<html title="a long billmgr"><p>"long" "billmgr" /long1/billmgr</p></html>'],
    [
      "a query",
      '<html><a href="/billmgr?back=/longer"><a href="/page?to=/long1/billmgr/x"><a href="/page?to=/long1/billmgr"></html>',
    ],
    ["a word that only ends so", '<html><a href="/belong/billmgr"></html>'],
    ["several that differ", '<html><a href="/long1/billmgr"><a href="/long2/billmgr"></html>'],
    ["its own side and another", '<html><a href="/long1/billmgr"><a href="//elsewhere.example/long1/billmgr"></html>'],
  ])("is not made of %s", (_name, text) => expect(linkIn(text)).toBeUndefined());
});
