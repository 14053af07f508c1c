// ESLint rule: a class that Nest constructs must not inject a type-only import. The import is erased,
// the emitted metadata says Object, and Nest fails at start ("can't resolve dependencies").
// A parameter with a decorator of its own (@Inject(TOKEN)) names its token and may be any type.

function isTypeOnly(definition) {
  if (definition.type !== 'ImportBinding') return false;
  return definition.node.importKind === 'type' || definition.parent.importKind === 'type';
}

function typeNameOf(parameter) {
  const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
  const annotation = target.typeAnnotation?.typeAnnotation;
  return annotation?.type === 'TSTypeReference' && annotation.typeName.type === 'Identifier'
    ? annotation.typeName
    : undefined;
}

export const injectedValueImports = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      erased:
        '{{name}} is injected here but imported as a type: import it as a value, or Nest cannot find it.',
    },
  },
  create(context) {
    return {
      'ClassDeclaration[decorators.length>0] MethodDefinition[kind="constructor"]'(constructor) {
        for (const parameter of constructor.value.params) {
          const name = parameter.decorators?.length > 0 ? undefined : typeNameOf(parameter);
          if (name === undefined) continue;
          for (let scope = context.sourceCode.getScope(constructor); scope !== null; scope = scope.upper) {
            const variable = scope.set.get(name.name);
            if (variable === undefined) continue;
            if (variable.defs.some(isTypeOnly)) {
              context.report({ node: name, messageId: 'erased', data: { name: name.name } });
            }
            break;
          }
        }
      },
    };
  },
};
