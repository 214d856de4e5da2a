/** Brings the types of the sdk and those of the schema into one form, in which they can be compared. */
import { join } from "node:path";
import ts from "typescript";

const REPOSITORY = join(__dirname, "../..");

/** A word such as `integer`, the words of an enumeration, or what is made of such. */
export type Shape =
  | string
  | readonly string[]
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly either: readonly Shape[] }
  | Members;

/** Members by their names; `?` behind the name of one that may be absent. */
export interface Members {
  readonly [name: string]: Shape;
}

/** A type as the schema writes it, as far as this package uses the schema's language. */
export interface TypeSpec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: TypeSpec;
  readonly additionalProperties?: TypeSpec;
  readonly properties?: Readonly<Record<string, TypeSpec>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly TypeSpec[];
  readonly enum?: readonly { readonly value: string; readonly description?: string }[];
  readonly description?: string;
}

/**
 * Whether a value has this shape; one that is not known yet may have any.
 *
 * @param besides members that no shape names
 */
export function fits(value: unknown, shape: Shape, besides: readonly string[]): boolean {
  if (typeof value === "symbol") {
    return true;
  }
  if (typeof shape === "string") {
    return shape === "integer" ? Number.isInteger(value) : shape === typeof value;
  }
  if (Array.isArray(shape)) {
    return shape.includes(value);
  }
  if (typeof value !== "object") {
    return false;
  }
  const { map, ...members } = shape as { readonly map?: Shape } & Members;
  const named = Object.entries(value ?? {}).filter(([name]) => !besides.includes(name));
  return named.every(([name, part]) => fits(part, map ?? members[name] ?? members[`${name}?`] ?? "not named", besides));
}

export class SchemaShapes {
  readonly #types: Readonly<Record<string, TypeSpec>>;

  constructor(types: Readonly<Record<string, TypeSpec>>) {
    this.#types = types;
  }

  membersOf(properties: Readonly<Record<string, TypeSpec>> = {}, required: readonly string[] = []): Members {
    const members = Object.entries(properties).map(([name, spec]) => [
      required.includes(name) ? name : `${name}?`,
      this.shapeOf(spec),
    ]);
    return Object.fromEntries(members);
  }

  shapeOf(spec: TypeSpec): Shape {
    const { type, $ref, items, additionalProperties, properties, required, oneOf, enum: values } = spec;
    if ($ref !== undefined) {
      const named = this.#types[$ref.replace("#/types/", "")];
      return named === undefined ? `nothing is named ${$ref}` : this.shapeOf(named);
    }
    if (values !== undefined) {
      return values.map(({ value }) => value).sort();
    }
    if (oneOf !== undefined) {
      return { either: oneOf.map((one) => this.shapeOf(one)) };
    }
    if (items !== undefined) {
      return { list: this.shapeOf(items) };
    }
    if (additionalProperties !== undefined) {
      return { map: this.shapeOf(additionalProperties) };
    }
    return type === "object" ? this.membersOf(properties, required) : (type ?? "nothing");
  }
}

export class TypeShapes {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  /** @param files paths in the repository */
  constructor(files: readonly string[]) {
    const config = ts.readConfigFile(join(REPOSITORY, "tsconfig.json"), ts.sys.readFile).config;
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, REPOSITORY);
    this.#program = ts.createProgram(
      files.map((file) => join(REPOSITORY, file)),
      options,
    );
    this.#checker = this.#program.getTypeChecker();
  }

  /** The members of an interface, or the properties that a class declares; without what they are wrapped in. */
  membersOf(file: string, name: string): Members {
    const source = this.#program.getSourceFile(join(REPOSITORY, file));
    const declaration = source?.statements.find(
      (statement): statement is ts.InterfaceDeclaration | ts.ClassDeclaration =>
        (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name,
    );
    if (declaration === undefined) {
      throw new Error(`${file} declares no ${name}`);
    }
    const all = this.#checker.getPropertiesOfType(this.#checker.getTypeAtLocation(declaration));
    const isOwn = ({ valueDeclaration }: ts.Symbol) =>
      ts.isInterfaceDeclaration(declaration) || valueDeclaration?.parent === declaration;
    return this.#shapeOfMembers(all.filter(isOwn));
  }

  #shapeOfMembers(members: readonly ts.Symbol[]): Members {
    const entries = members.flatMap((member): [string, Shape][] => {
      // What `Omit` leaves has no declaration of a value.
      const declared = member.valueDeclaration ?? member.declarations?.[0];
      if (
        declared === undefined ||
        !(ts.isPropertySignature(declared) || ts.isPropertyDeclaration(declared)) ||
        declared.type === undefined
      ) {
        return [];
      }
      const type = unwrapped(declared.type);
      const isOptional = declared.questionToken !== undefined || withoutUndefined(type).length < partsOf(type).length;
      return [[isOptional ? `${member.name}?` : member.name, this.#shapeOfNode(type)]];
    });
    return Object.fromEntries(entries);
  }

  #shapeOfNode(node: ts.TypeNode): Shape {
    const type = unwrapped(node);
    const [only, ...others] = withoutUndefined(type);
    if (only !== undefined && only !== type && others.length === 0) {
      return this.#shapeOfNode(only);
    }
    if (ts.isArrayTypeNode(type)) {
      return { list: this.#shapeOfNode(type.elementType) };
    }
    const value = ts.isTypeReferenceNode(type) && nameOf(type) === "Record" ? type.typeArguments?.[1] : undefined;
    return value === undefined
      ? this.#shapeOfType(this.#checker.getTypeFromTypeNode(type))
      : { map: this.#shapeOfNode(value) };
  }

  #shapeOfType(type: ts.Type): Shape {
    const parts = (type.isUnion() ? type.types : [type]).filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
    if (parts.every((part) => part.isStringLiteral())) {
      return parts.map(({ value }) => value).sort();
    }
    // A branded text is an intersection.
    const isText = (part: ts.Type): boolean =>
      (part.flags & ts.TypeFlags.StringLike) !== 0 || (part.isIntersection() && part.types.some(isText));
    if (parts.every(isText)) {
      return "string";
    }
    if (parts.every(({ flags }) => flags & ts.TypeFlags.NumberLike)) {
      // The package knows whole numbers alone: months, days, seconds and the vendor's numbers.
      return "integer";
    }
    if (parts.every(({ flags }) => flags & ts.TypeFlags.BooleanLike)) {
      return "boolean";
    }
    return parts.length > 1
      ? { either: parts.map((part) => this.#shapeOfType(part)) }
      : this.#shapeOfMembers(this.#checker.getPropertiesOfType(type));
  }
}

/** A type without `pulumi.Input` or `pulumi.Output` around it. */
function unwrapped(node: ts.TypeNode): ts.TypeNode {
  const inner =
    ts.isTypeReferenceNode(node) && /^(Input|Output)$/.test(nameOf(node)) ? node.typeArguments?.[0] : undefined;
  return inner === undefined ? node : unwrapped(inner);
}

function nameOf({ typeName }: ts.TypeReferenceNode): string {
  return ts.isQualifiedName(typeName) ? typeName.right.text : typeName.text;
}

function partsOf(node: ts.TypeNode): readonly ts.TypeNode[] {
  return ts.isUnionTypeNode(node) ? node.types : [node];
}

function withoutUndefined(node: ts.TypeNode): ts.TypeNode[] {
  return partsOf(node).filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
}
