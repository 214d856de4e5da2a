#!/usr/bin/env node
/**
 * The second face: the lifecycle over Pulumi's wire protocol, for programs in every language. The engine starts it as the command
 * `pulumi-resource-billmanager`, or as the main module of the folder that holds `PulumiPlugin.yaml`, with its own address.
 */
import "../compileCache";
import { serve } from "./server";

void serve(process.argv[2]);
